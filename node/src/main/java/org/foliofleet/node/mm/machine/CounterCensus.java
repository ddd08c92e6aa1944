package org.foliofleet.node.mm.machine;

import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.FolioStat;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.node.mm.numa.VmStat;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;

/** Compares gauges with the folios that they count (B7, B8): {@code nr_anon}, {@code nr_anon_partially_mapped}, NR_MLOCK. */
final class CounterCensus {
    private final Machine machine;
    private final NumaNode node;
    private final long[] anon = new long[PageOrder.PMD + 1];
    private final long[] partial = new long[PageOrder.PMD + 1];
    private long mlocked;

    private CounterCensus(Machine machine, NumaNode node) {
        this.machine = machine;
        this.node = node;
    }

    static void check(Machine machine) {
        for (Owner owner : machine.owners()) {
            if (owner instanceof NumaNode node) {
                CounterCensus census = new CounterCensus(machine, node);
                node.folios().forEach(census::count);
                census.compare(node.statistics());
            }
        }
    }

    private void count(long start, long count, Folio folio) {
        if (folio.has(Folio.UNEVICTABLE) && folio.has(Folio.ACTIVE)) {
            throw Invariants.violation(machine, node, "unevictable and on the active list, the folio at frame " + Frame.number(start) + ": " + folio);
        }
        anon[folio.order()] += folio.isAnon() ? count >> folio.order() : 0;
        partial[folio.order()] += folio.has(Folio.PARTIALLY_MAPPED) ? count >> folio.order() : 0;
        mlocked += folio.has(Folio.MLOCKED) ? count : 0;
    }

    private void compare(VmStat statistics) {
        for (int order = 2; order <= PageOrder.PMD; order++) {
            equal(order + ": nr_anon", statistics.get(order, FolioStat.NR_ANON), anon[order]);
            equal(order + ": nr_anon_partially_mapped", statistics.get(order, FolioStat.NR_ANON_PARTIALLY_MAPPED), partial[order]);
        }
        equal("0: NR_MLOCK", statistics.get(VmEvent.UNEVICTABLE_PGS_MLOCKED) - statistics.get(VmEvent.UNEVICTABLE_PGS_MUNLOCKED)
                - statistics.get(VmEvent.UNEVICTABLE_PGS_STRANDED) - statistics.get(VmEvent.UNEVICTABLE_PGS_CLEARED), mlocked);
    }

    private void equal(String counter, long counted, long there) {
        if (counted != there) {
            throw Invariants.violation(machine, node, "counts " + counted + " of order " + counter + ", but there are " + there);
        }
    }
}
