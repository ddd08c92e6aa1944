package org.foliofleet.node.mm.machine;

import java.util.List;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Flight;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.PageCounts;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.message.CarriesMappings;

/**
 * Every mapping that a node counts is an entry of a page table, or under way, and the other way round. Linear in runs,
 * between any two ticks.
 */
final class Audit {
    private Audit() {}

    /** @throws InvariantViolation if a mapping was lost, or counted twice, or counted for another frame */
    static void check(Machine machine) {
        MappingSum counted = new MappingSum();
        MappingSum mapped = new MappingSum();
        MappingSum underWay = new MappingSum();
        for (Owner owner : machine.unsortedOwners()) {
            if (owner instanceof NumaNode node) {
                node.folios().forEach((start, count, folio) -> add(counted, start, count, folio));
            } else if (owner instanceof Vma vma) {
                vma.pages().forEach((start, count, entry) -> mapped.entry(start, count, entry, 1));
            }
            for (Flight flight : owner.flights()) {
                addUnread(underWay, mapped, flight);
            }
        }
        long inPageTables = mapped.mappings();
        machine.forEachMessage((tick, envelope) -> {
            if (envelope.payload() instanceof CarriesMappings carrier) {
                carrier.tell(underWay);
                carrier.tell(mapped);
            }
        });
        if (!counted.equalTo(mapped)) {
            StringBuilder evidence = new StringBuilder();
            machine.forEachMessage((tick, envelope) -> {
                if (envelope.payload() instanceof CarriesMappings) {
                    evidence.append("\n  under way: ").append(envelope);
                }
            });
            machine.owners().forEach(owner -> owner.flights().forEach(flight -> evidence.append("\n  ").append(owner.id()).append(": ").append(flight)));
            throw new InvariantViolation("tick " + machine.tick() + ": nodes count " + counted + "; page tables have " + inPageTables
                    + " mappings and messages " + underWay.mappings() + ", together " + mapped + evidence);
        }
    }

    private static void add(MappingSum counted, long start, long count, Folio folio) {
        int pages = folio.pages();
        PageCounts counts = folio.counts();
        if (folio.entire() != 0) {
            if (folio.isPmdSized()) {
                counted.blocks(start, count >> folio.order(), folio.entire());
            } else {
                counted.pages(start, count, folio.entire());
            }
        }
        if (counts.isUniform()) {
            counted.pages(start, count, counts.runCount(0));
            return;
        }
        for (long head = start; head < start + count; head += pages) {
            int from = 0;
            for (int run = 0; run < counts.runs(); run++) {
                counted.pages(head + from, counts.runEnd(run) - from, counts.runCount(run));
                from = counts.runEnd(run);
            }
        }
    }

    /** Replies that the flight has but did not act upon. */
    private static void addUnread(MappingSum underWay, MappingSum mapped, Flight flight) {
        List<Object> log = flight.log();
        boolean all = flight.command() instanceof CarriesMappings.KeepsReplies;
        for (int i = log.size() - 1; i >= 0; i--) {
            if (log.get(i) instanceof CarriesMappings carrier) {
                carrier.tell(underWay);
                carrier.tell(mapped);
            } else if (!all && !flight.isAwaitedAt(i)) {
                return;
            }
        }
    }
}
