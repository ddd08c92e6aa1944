package org.foliofleet.node.mm.vma;

import org.foliofleet.protocol.policy.CostTable;
import org.foliofleet.node.mm.SwapDevice;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.LatencyKind;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaCommand.FaultError;

/** What work on page tables costs, by the machine's cost table, and faults that only the VMA sees. All within a step. */
final class Charges {
    /** What one entry costs, by how it maps. */
    private record Rates(long small, long large, long pmd) {}

    private Charges() {}

    private static CostTable costs(Turn turn) {
        return turn.context().costs();
    }

    /** First touch with folios of an order, on a node. */
    static void anonFault(int order, long pages, int node, TaskContext task, Turn turn) {
        long each = order == PageOrder.PMD ? costs(turn).thpFault()
                : order == 0 ? costs(turn).anonFault() : costs(turn).largeFaultPage() << order;
        turn.chargeFaults(order == PageOrder.PMD ? LatencyKind.THP : LatencyKind.ANON, pages >> order, each + remote(1L << order, node, task, turn));
    }

    /** Zero pages, or huge zero folios, were mapped by that many faults. */
    static void zeroFault(long faults, Turn turn) {
        turn.chargeFaults(LatencyKind.ZERO, faults, costs(turn).zeroPageFault());
        count("fault_zero", faults, turn);
    }

    /** Pages were copied to a node by as many faults. */
    static void copyFault(long pages, int node, TaskContext task, Turn turn) {
        turn.chargeFaults(LatencyKind.COW, pages, costs(turn).copyFault() + remote(1, node, task, turn));
    }

    /** fork copied pages. */
    static void forkCopy(long pages, Turn turn) {
        turn.charge(pages * costs(turn).copyFault());
    }

    /** userfaultfd put in copies of pages. */
    static void userfaultCopy(long pages, Turn turn) {
        turn.chargeFaults(LatencyKind.UFFD, pages, costs(turn).copyFault());
    }

    /** userfaultfd put in pages of a file that were there. */
    static void userfaultMap(long pages, Turn turn) {
        turn.chargeFaults(LatencyKind.UFFD, pages, costs(turn).fileFault());
        count("fault_file", pages, turn);
    }

    /** A NUMA hint was answered. */
    static void hintFault(Turn turn) {
        turn.chargeFaults(LatencyKind.HINT, 1, costs(turn).hintFault());
    }

    private static long remote(long pages, int node, TaskContext task, Turn turn) {
        return node == task.cpuNode() ? 0 : costs(turn).remote(pages, turn.context().topology().nodes().get(task.cpuNode()).distance().get(node));
    }

    static void reuseFault(Pte entry, long pages, Turn turn) {
        long faults = entry.isPmd() ? pages >> PageOrder.PMD : pages;
        turn.chargeFaults(LatencyKind.WP, faults, costs(turn).reuseFault());
        count("fault_reuse", faults, turn);
    }

    /** Pages of a file were mapped. */
    static void fileFault(long faults, Turn turn) {
        turn.chargeFaults(LatencyKind.FILE, faults, costs(turn).fileFault());
        count("fault_file", faults, turn);
    }

    /** A driver set that many entries: as much as fork takes for one. */
    static void insert(long entries, Turn turn) {
        turn.charge(entries * costs(turn).forkPte());
    }

    /** Pages came back from swap by that many faults; {@code read} of them from the device. */
    static void swapFault(long faults, long pages, long read, Turn turn) {
        SwapDevice device = turn.context().settings().swapDevice();
        long all = pages * costs(turn).anonFault() + (device.block() ? device.readNanos(read) : read * costs(turn).swapPage());
        if (faults > 0) {
            turn.chargeFaults(LatencyKind.SWAP, faults - 1, all / faults);
            turn.chargeFaults(LatencyKind.SWAP, 1, all - all / faults * (faults - 1));
        } else {
            turn.charge(all);
        }
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
        turn.chargeStall(LatencyKind.SPLIT, (pages >> PageOrder.PMD) * costs(turn).pmdSplit());
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
