package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.LeaveSwapCache;
import org.foliofleet.protocol.message.SwapCommand.SlotRun;

/** Shmem pages that are in the swap cache still when somebody wants them: {@code shmem_swapin_folio()} waits until they are written. */
final class SwapCacheReturn {
    private SwapCacheReturn() {}

    /**
     * Takes the folios of a run of slots back. A large folio comes whole, or, where only parts of it are wanted, its pages are read.
     *
     * @param index file page whose slot is the first of the run
     * @param delta slot minus file page
     * @return file pages to look at again
     */
    static FrameRuns take(AddressSpace space, long index, SlotRun run, long delta, Turn turn) {
        NumaNodeId node = new NumaNodeId(Frame.node(run.frame()));
        int order = run.order();
        if (order == 0) {
            turn.run(() -> CacheSwap.splitEntry(space, index, run.count(), delta, turn));
            take(space, node, FrameRuns.of(run.frame(), run.count()), index, order, delta, turn);
            return FrameRuns.of(index, run.count());
        }
        long head = PageOrder.alignDown(index, order);
        FrameRuns frames = FrameRuns.of(Frame.head(run.frame(), order), PageOrder.pages(order));
        boolean whole = turn.step(() -> isWhole(space, head, order, delta));
        if (whole) {
            take(space, node, frames, head, order, delta, turn);
        } else {
            FrameRuns freed = turn.ask(node, new LeaveSwapCache(frames, head + delta, order, null, 0));
            if (freed.isEmpty()) {   // reclaim has it just now
                turn.sleepUntil(turn.step(() -> turn.tick() + 1));
            }
        }
        return FrameRuns.of(index, 1);
    }

    private static void take(AddressSpace space, NumaNodeId node, FrameRuns frames, long index, int order, long delta, Turn turn) {
        FrameRuns taken = turn.ask(node, new LeaveSwapCache(frames, index + delta, order, (AddressSpaceId) space.id(), index));
        if (taken.isEmpty()) {
            turn.sleepUntil(turn.step(() -> turn.tick() + 1));
            return;
        }
        turn.run(() -> {
            for (int i = 0; i < taken.size(); i++) {
                CacheSwap.insert(space, index + taken.start(i) - frames.start(0), FrameRuns.of(taken.start(i), taken.count(i)), order, delta, turn);
            }
        });
    }

    private static boolean isWhole(AddressSpace space, long head, int order, long delta) {
        long[] pages = {0};
        space.pages.forEach(head, head + PageOrder.pages(order), (start, count, page) ->
                pages[0] += page.swapped() && page.delta() == delta && page.order() == order ? count : 0);
        return pages[0] == PageOrder.pages(order);
    }
}
