package org.foliofleet.node.mm.numa;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.PressureCommand.Balance;
import org.foliofleet.protocol.message.PressureCommand.FreeUp;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.Progress;
import org.foliofleet.protocol.message.PressureCommand.Reclaimer;
import org.foliofleet.protocol.message.PressureCommand.ShrinkNode;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code do_try_to_free_pages()} and {@code should_reclaim_retry()}, mm/vmscan.c and mm/page_alloc.c (R10.14). */
final class DirectReclaim {
    /** MAX_RECLAIM_RETRIES. */
    private static final int MAX_FRUITLESS = 16;
    /** PAGE_ALLOC_COSTLY_ORDER: above, one round without success is enough. */
    private static final int COSTLY_ORDER = 3;

    private DirectReclaim() {}

    static Boolean freeUp(NumaNode node, FreeUp request, Turn turn) {
        if (request.priority() == FreeUp.FIRST_PRIORITY) {
            turn.run(() -> turn.emit(new Stalled()));
        }
        // a large folio needs what compaction would: room for it and its copy
        long target = request.order() > COSTLY_ORDER ? 2 * PageOrder.pages(request.order()) : ReclaimScan.CLUSTER;
        long reclaimed = request.reclaimed();
        for (int other : request.nodes()) {
            Progress progress = turn.ask(new NumaNodeId(other), new ShrinkNode(Reclaimer.DIRECT, request.priority(), target));
            reclaimed += progress.reclaimed();
        }
        if (reclaimed >= target) {
            return true;
        }
        if (request.priority() == 1 && reclaimed == 0) {
            Writeback.throttleDirect(node, turn);
        }
        if (request.priority() > 0) {
            return turn.continueAs(new FreeUp(request.nodes(), request.order(), request.priority() - 1, reclaimed, request.fruitless()));
        }
        if (reclaimed > 0 || request.order() > COSTLY_ORDER) {
            return reclaimed > 0;
        }
        if (request.fruitless() < MAX_FRUITLESS && mayHelp(request.nodes(), turn)) {
            return turn.continueAs(new FreeUp(request.nodes(), request.order(), FreeUp.FIRST_PRIORITY, 0, request.fruitless() + 1));
        }
        return false;
    }

    /** Whether a node would have enough if all that is on its lists went. */
    private static boolean mayHelp(List<Integer> nodes, Turn turn) {
        boolean swap = turn.ask(new SwapId(), new SwapCommand.Room()) > 0 || turn.step(() -> turn.context().settings().demotion());
        for (int other : nodes) {
            if (turn.ask(new NumaNodeId(other), new Balance(swap)) > 0) {
                return true;
            }
        }
        return false;
    }

    /** Free pages above the minimum, if all reclaimable ones were free. */
    static Long balance(NumaNode node, Balance request, Turn turn) {
        return node.frames.freePages() + reclaimable(node, request.swap(), turn) - node.pressure.marks(node, turn).min();
    }

    /** {@code zone_reclaimable_pages()}. Within a step. */
    static long reclaimable(NumaNode node, boolean swap, Turn turn) {
        LruLists lists = Pressure.lists(node, turn);
        long reclaimable = lists.pages(LruList.INACTIVE_FILE) + lists.pages(LruList.ACTIVE_FILE);
        if (swap) {
            reclaimable += lists.pages(LruList.INACTIVE_ANON) + lists.pages(LruList.ACTIVE_ANON);
        }
        return reclaimable;
    }

    private record Stalled() implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.ALLOCSTALL, 1);
        }
    }
}
