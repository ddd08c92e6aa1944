package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.WalkMlock;
import org.foliofleet.protocol.policy.MlockPolicies.MlockLargeRule;

/** {@code mlock_vma_pages_range()}, mm/mlock.c: which folios the entries of a range map (R7.21, R7.22). */
final class MlockWalk {
    /** Entries that differ in these only are one batch ({@code folio_pte_batch()}). */
    private static final int IGNORED = Pte.WRITE | Pte.DIRTY | Pte.YOUNG | Pte.EXCLUSIVE;

    private MlockWalk() {}

    static Void walk(Vma vma, WalkMlock walk, Turn turn) {
        PageRuns.Builder[] runs = {PageRuns.builder()};
        int[] node = {-1};
        PageRange reach = reach(vma, walk, turn);
        vma.pages.forEach(reach.start(), reach.end(), (start, count, entry) -> {
            if (!entry.isPresent() || entry.has(Pte.SPECIAL)) {
                return;
            }
            int itsNode = Frame.node(entry.frame(start));
            if (itsNode != node[0] && !runs[0].isEmpty()) {
                send(node[0], runs[0].build(), walk, turn);
                runs[0] = PageRuns.builder();
            }
            node[0] = itsNode;
            runs[0].add(start, count, entry.without(IGNORED));
        });
        if (!runs[0].isEmpty()) {
            send(node[0], runs[0].build(), walk, turn);
        }
        return null;
    }

    /** The range, or with rules that ask for whole folios of the VMA all pages of the folios at its ends (switch mlock_large_rule). */
    private static PageRange reach(Vma vma, WalkMlock walk, Turn turn) {
        MlockLargeRule rule = turn.context().settings().policies().mlock().mlockLargeRule();
        boolean wide = walk.lock() && (rule == MlockLargeRule.INSIDE_VMA_FULLY_MAPPED || rule == MlockLargeRule.PER_PAGE_BIT);
        if (!wide) {
            return walk.range();
        }
        Pte first = vma.pages.get(walk.range().start());
        Pte last = vma.pages.get(walk.range().end() - 1);
        long from = first != null && first.isPresent() ? StraddlingFolios.start(first, walk.range().start()) : walk.range().start();
        long to = last != null && last.isPresent() ? StraddlingFolios.start(last, walk.range().end() - 1) + PageOrder.pages(last.order())
                : walk.range().end();
        return PageRange.between(Math.max(from, vma.info.start()), Math.min(to, vma.info.end()));
    }

    private static void send(int node, PageRuns runs, WalkMlock walk, Turn turn) {
        Charges.mlock(runs, walk.lock(), turn);
        turn.send(new NumaNodeId(node), new NumaNodeCommand.Mlock(runs, walk.lock(), walk.range()));
    }
}
