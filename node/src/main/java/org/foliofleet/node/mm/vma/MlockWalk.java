package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.WalkMlock;

/** {@code mlock_vma_pages_range()}, mm/mlock.c: which folios the entries of a range map (R7.21, R7.22). */
final class MlockWalk {
    /** Entries that differ in these only are one batch ({@code folio_pte_batch()}). */
    private static final int IGNORED = Pte.WRITE | Pte.DIRTY | Pte.YOUNG | Pte.EXCLUSIVE;

    private MlockWalk() {}

    static Void walk(Vma vma, WalkMlock walk, Turn turn) {
        PageRuns.Builder[] runs = {PageRuns.builder()};
        int[] node = {-1};
        vma.pages.forEach(walk.range().start(), walk.range().end(), (start, count, entry) -> {
            if (!entry.isPresent() || entry.has(Pte.SPECIAL)) {
                return;
            }
            int itsNode = Frame.node(entry.frame(start));
            if (itsNode != node[0] && !runs[0].isEmpty()) {
                send(node[0], runs[0].build(), walk.lock(), turn);
                runs[0] = PageRuns.builder();
            }
            node[0] = itsNode;
            runs[0].add(start, count, entry.without(IGNORED));
        });
        if (!runs[0].isEmpty()) {
            send(node[0], runs[0].build(), walk.lock(), turn);
        }
        return null;
    }

    private static void send(int node, PageRuns runs, boolean lock, Turn turn) {
        Charges.mlock(runs, lock, turn);
        turn.send(new NumaNodeId(node), new NumaNodeCommand.Mlock(runs, lock));
    }
}
