package org.foliofleet.node.mm.machine;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.swap.Swap;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.Pte;

/**
 * Counts the entries that name swap slots, and the folios in the swap cache, and compares both with the swap map. Quiet
 * machines only.
 */
final class SwapCensus {
    private final Machine machine;
    private final Map<Long, Integer> entries = new TreeMap<>();
    private final Map<Long, Long> cached = new TreeMap<>();

    private SwapCensus(Machine machine) {
        this.machine = machine;
    }

    static void check(Machine machine) {
        SwapCensus census = new SwapCensus(machine);
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma) {
                vma.pages().forEach((start, count, entry) -> census.countEntries(vma, start, count, entry));
            } else if (owner instanceof AddressSpace space) {
                space.pages().forEach((start, count, page) -> {
                    for (long index = start; page.swapped() && index < start + count; index++) {
                        census.entries.merge(index + page.delta(), 1, Integer::sum);
                    }
                });
            } else if (owner instanceof NumaNode node) {
                node.folios().forEach((start, count, folio) -> census.countFolios(start, count, folio));
            }
        }
        census.compare(machine.swap());
    }

    private void countEntries(Vma vma, long start, long count, Pte entry) {
        if (entry.state() == Pte.State.MIGRATION) {
            throw Invariants.violation(machine, vma, "page " + start + " still has a migration entry");
        }
        for (long page = start; entry.state() == Pte.State.SWAP && page < start + count; page++) {
            entries.merge(entry.frame(page), 1, Integer::sum);
        }
    }

    private void countFolios(long start, long count, Folio folio) {
        for (long frame = start; folio.has(Folio.SWAPCACHE) && frame < start + count; frame++) {
            cached.put(frame + folio.swapDelta(), frame);
        }
    }

    private void compare(Swap swap) {
        for (Map.Entry<Long, Integer> entry : entries.entrySet()) {
            if (swap.references(entry.getKey()) != entry.getValue()) {
                throw Invariants.violation(machine, swap, entry.getValue() + " entries name slot " + entry.getKey() + ", which counts "
                        + swap.references(entry.getKey()));
            }
        }
        swap.forEachSlot((slot, references, frame) -> {
            if (references != entries.getOrDefault(slot, 0)) {
                throw Invariants.violation(machine, swap, "slot " + slot + " counts " + references + " entries, of which there are "
                        + entries.getOrDefault(slot, 0));
            }
            long its = cached.getOrDefault(slot, -1L);
            if (its != frame) {
                throw Invariants.violation(machine, swap, "slot " + slot + " is cached in frame " + Frame.number(frame) + ", by the folios in "
                        + Frame.number(its));
            }
            cached.remove(slot);
        });
        if (!cached.isEmpty()) {
            throw Invariants.violation(machine, swap, "folios are in the swap cache with slots that know nothing of it: " + cached);
        }
    }
}
