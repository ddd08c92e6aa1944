package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** {@code __split_huge_pmd()}: a huge entry becomes a page table; the folio stays whole (R6.13). */
final class PmdSplit {
    private PmdSplit() {}

    /** Splits the huge entry that reaches across {@code page}, if there is one. */
    static void across(Vma vma, long page, Turn turn) {
        if (!PageOrder.isAligned(page, PageOrder.PMD)) {
            turn.run(() -> at(vma, page, turn));
        }
    }

    /** Splits the huge entries that reach over the ends of a range. */
    static void atEdges(Vma vma, long start, long end, Turn turn) {
        across(vma, start, turn);
        across(vma, end, turn);
    }

    /** Splits the huge entry that maps the page, if there is one. Within a step. */
    static void at(Vma vma, long page, Turn turn) {
        Pte entry = vma.pages.get(page);
        if (entry == null || !entry.isPmd()) {
            return;
        }
        long start = PageOrder.alignDown(page, PageOrder.PMD);
        split(vma, start, PageOrder.PMD_PAGES, entry, false, turn);
    }

    /**
     * Splits the huge entries of whole blocks that share one run. Within a step.
     *
     * @param reclaim a walk of reclaim does it
     */
    static void split(Vma vma, long start, long count, Pte entry, boolean reclaim, Turn turn) {
        Charges.splitPmds(count, turn);
        switch (entry.state()) {
            case ZERO -> {
                turn.emit(new VmaEvents.EntrySet(start, count, Pte.ZERO_PAGE.with(entry.flags() & Pte.UFFD_WP)));
                turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("thp_split_pmd", -1, count >> PageOrder.PMD));
            }
            case PRESENT -> {
                NumaNodeId node = new NumaNodeId(Frame.node(entry.frame(start)));
                PageRuns runs = PageRuns.of(start, count, entry);
                if (entry.isAnon()) {
                    turn.send(node, new NumaNodeCommand.SplitPmds(vma.mm(), runs, vma.isMlocking(), reclaim));
                    turn.emit(new VmaEvents.EntrySet(start, count, entry.without(Pte.PMD | Pte.NUMA_HINT)));
                } else {
                    turn.send(node, new NumaNodeCommand.Count("thp_split_pmd", -1, count >> PageOrder.PMD));
                    turn.send(node, new NumaNodeCommand.Unmap(vma.mm(), runs, vma.info.has(org.foliofleet.protocol.message.VmaFlags.LOCKED)));
                    turn.emit(new VmaEvents.EntriesCleared(start, count));
                    turn.emit(new VmaEvents.TablesChanged(start >> PageOrder.PMD, count >> PageOrder.PMD, false));
                }
            }
            default -> throw new IllegalStateException("a huge entry in state " + entry.state());
        }
    }
}
