package org.foliofleet.node.mm.machine;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Pte;

/** Counts all mappings in all page tables and compares them, folio by folio, with what the nodes have counted. Quiet machines only. */
final class MappingCensus {
    /** Who maps a folio. */
    private static final class Mappers {
        long entire;
        final long[] pages;
        final TreeMap<Integer, Long> byMm = new TreeMap<>();

        Mappers(int pages) {
            this.pages = new long[pages];
        }
    }

    private final Machine machine;
    private final Map<Long, Mappers> byHead = new HashMap<>();

    private MappingCensus(Machine machine) {
        this.machine = machine;
    }

    static void check(Machine machine) {
        MappingCensus census = new MappingCensus(machine);
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma) {
                vma.pages().forEach((start, count, entry) -> census.count(vma, start, count, entry));
            }
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof NumaNode node) {
                node.folios().forEach((start, count, folio) -> {
                    for (long head = start; head < start + count; head += folio.pages()) {
                        census.compare(node, head, folio);
                    }
                });
            }
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma) {
                vma.pages().forEach((start, count, entry) -> census.exclusive(vma, start, count, entry));
            }
        }
    }

    private void count(Vma vma, long start, long count, Pte entry) {
        if (!entry.isPresent() || entry.has(Pte.SPECIAL)) {
            return;
        }
        int mm = ((OwnerId.VmaId) vma.id()).process();
        for (long page = start; page < start + count;) {
            long frame = entry.frame(page);
            NumaNode node = machine.node(Frame.node(frame));
            Folio folio = node.folio(frame);
            if (folio == null || folio.order() != entry.order() || folio.isAnon() != entry.isAnon()) {
                throw violation(vma, "page " + page + " maps frame " + Frame.number(frame) + " by " + entry + ", but its folio is " + folio);
            }
            reverse(vma, page, frame, folio);
            long head = Frame.head(frame, folio.order());
            Mappers mappers = byHead.computeIfAbsent(head, h -> new Mappers(folio.pages()));
            long step = 1;
            if (entry.isPmd()) {
                mappers.entire++;
                step = folio.pages();
            } else {
                mappers.pages[(int) (frame - head)]++;
            }
            mappers.byMm.merge(mm, 1L, Long::sum);
            page += step;
        }
    }

    /** The walk from the folio to its mappers comes to this entry (R1.16, invariant 9). */
    private void reverse(Vma vma, long page, long frame, Folio folio) {
        String missed = folio.has(Folio.KSM) ? null : RmapCensus.missed(machine, vma, page, frame, folio);
        if (missed != null) {
            throw violation(vma, missed);
        }
    }

    private void compare(NumaNode node, long head, Folio folio) {
        Mappers mappers = byHead.get(head);
        Supplier<String> name = () -> "folio at frame " + Frame.number(head) + ": " + folio;
        long entire = mappers == null ? 0 : mappers.entire;
        if (entire != folio.entire()) {
            throw Invariants.violation(machine, node, entire + " huge entries map the " + name.get());
        }
        for (int page = 0; page < folio.pages(); page++) {
            long mapped = mappers == null ? 0 : mappers.pages[page];
            if (mapped != folio.counts().get(page)) {
                throw Invariants.violation(machine, node, mapped + " entries map page " + page + " of the " + name.get() + "; mms and their mappings: "
                        + (mappers == null ? "none" : mappers.byMm));
            }
        }
        boolean several = mappers != null && mappers.byMm.size() > 1;
        if (folio.isLarge() && several != folio.isMappedByOthers()) {
            throw Invariants.violation(machine, node, "mapped by " + (mappers == null ? "none" : mappers.byMm) + ", but counted as "
                    + (several ? "mapped by one" : "mapped by several") + ", the " + name.get());
        }
        if (folio.isLarge() && !folio.has(Folio.MM_SHARED) && mappers != null && mappers.byMm.size() > 1) {
            throw Invariants.violation(machine, node, "mapped by " + mappers.byMm + ", but not marked as shared, the " + name.get());
        }
        // A tracked mm that was tracked from its first mapping on has exactly its mappings; one that came third may have fewer.
        if (folio.isLarge() && mappers != null) {
            slot(node, name, folio.mm0(), folio.mm0Count(), mappers);
            slot(node, name, folio.mm1(), folio.mm1Count(), mappers);
        }
    }

    private void slot(NumaNode node, Supplier<String> name, int mm, long count, Mappers mappers) {
        if (mm != 0 && count > mappers.byMm.getOrDefault(mm, 0L)) {
            throw Invariants.violation(machine, node, "mm " + mm + " is said to have " + count + " of the mappings " + mappers.byMm + " of the " + name.get());
        }
    }

    /** PageAnonExclusive means one mapping (invariant 4). */
    private void exclusive(Vma vma, long start, long count, Pte entry) {
        if (!entry.isPresent() || !entry.isAnon() || !entry.has(Pte.EXCLUSIVE)) {
            return;
        }
        for (long page = start; page < start + count; page++) {
            long frame = entry.frame(page);
            Mappers mappers = byHead.get(Frame.head(frame, entry.order()));
            long mapped = mappers.entire + mappers.pages[(int) (frame - Frame.head(frame, entry.order()))];
            if (mapped != 1) {
                throw violation(vma, "page " + page + " is exclusive, but mapped " + mapped + " times: " + entry);
            }
        }
    }

    private RuntimeException violation(Vma vma, String evidence) {
        return Invariants.violation(machine, vma, evidence);
    }
}
