package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.CostTable;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;

/** What work on page tables costs, by the machine's cost table, and faults that only the VMA sees. All within a step. */
final class Charges {
    /** What one entry costs, by how it maps. */
    private record Rates(long small, long large, long pmd) {}

    private Charges() {}

    private static CostTable costs(Turn turn) {
        return turn.context().costs();
    }

    /** First touch with folios of an order. */
    static void anonFault(int order, long pages, Turn turn) {
        turn.charge(order == PageOrder.PMD ? costs(turn).thpFault() * (pages >> PageOrder.PMD)
                : pages * (order == 0 ? costs(turn).anonFault() : costs(turn).largeFaultPage()));
    }

    /** Zero pages, or huge zero folios, were mapped by that many faults. */
    static void zeroFault(long faults, Turn turn) {
        turn.charge(faults * costs(turn).zeroPageFault());
        count("fault_zero", faults, turn);
    }

    static void copyFault(long pages, Turn turn) {
        turn.charge(pages * costs(turn).copyFault());
    }

    static void reuseFault(Pte entry, long pages, Turn turn) {
        long faults = entry.isPmd() ? pages >> PageOrder.PMD : pages;
        turn.charge(faults * costs(turn).reuseFault());
        count("fault_reuse", faults, turn);
    }

    /** Pages of a file were mapped. */
    static void fileFault(long faults, Turn turn) {
        turn.charge(faults * costs(turn).fileFault());
        count("fault_file", faults, turn);
    }

    /** Pages came back from swap by that many faults; {@code read} of them from the device. */
    static void swapFault(long faults, long pages, long read, Turn turn) {
        turn.charge(pages * costs(turn).anonFault() + read * costs(turn).swapPage());
        count("fault_swap", faults, turn);
    }

    /** fork copied these entries. */
    static void fork(PageRuns entries, Turn turn) {
        CostTable c = costs(turn);
        each(entries, new Rates(c.forkPte(), c.forkLargePte(), c.forkPmd()), turn);
    }

    /** These entries were unmapped. */
    static void zap(PageRuns entries, Turn turn) {
        CostTable c = costs(turn);
        each(entries, new Rates(c.unmapPte(), c.unmapLargePte(), c.unmapPmd()), turn);
    }

    static void mlock(PageRuns entries, boolean lock, Turn turn) {
        long each = lock ? costs(turn).lockPage() : costs(turn).unlockPage();
        each(entries, new Rates(each, each, each), turn);
    }

    static void move(PageRuns entries, Turn turn) {
        each(entries, new Rates(costs(turn).movePage(), costs(turn).movePage(), costs(turn).movePmd()), turn);
    }

    static void advise(PageRuns entries, Turn turn) {
        long each = costs(turn).adviseePage();
        each(entries, new Rates(each, each, each), turn);
    }

    static void pin(long pages, Turn turn) {
        turn.charge(pages * costs(turn).pinPage());
    }

    static void splitPmds(long pages, Turn turn) {
        turn.charge((pages >> PageOrder.PMD) * costs(turn).pmdSplit());
    }

    private static void each(PageRuns entries, Rates rates, Turn turn) {
        long cost = 0;
        for (int i = 0; i < entries.size(); i++) {
            Pte entry = entries.entry(i);
            cost += entry.isPmd() ? Math.max(1, entries.count(i) >> PageOrder.PMD) * rates.pmd()
                    : entries.count(i) * (entry.isPresent() && entry.order() > 0 ? rates.large() : rates.small());
        }
        turn.charge(cost);
    }

    /** A fault was one for userfaultfd. */
    static void userfault(FaultError kind, Turn turn) {
        count(kind.name().toLowerCase(java.util.Locale.ROOT), 1, turn);
    }

    private static void count(String event, long times, Turn turn) {
        if (times > 0) {
            turn.send(new NumaNodeId(0), new NumaNodeCommand.Count(event, -1, times));
        }
    }
}
