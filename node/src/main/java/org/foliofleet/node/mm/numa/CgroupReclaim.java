package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.Memcg.Shrink;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.Progress;
import org.foliofleet.protocol.message.PressureCommand.Reclaimer;
import org.foliofleet.protocol.message.PressureCommand.ScanCounts;
import org.foliofleet.protocol.message.PressureCommand.ShrinkActive;
import org.foliofleet.protocol.message.PressureCommand.ShrinkLists;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code shrink_node()} for a cgroup that is at its limit: only its folios, in the order in which they are on the node's lists. */
final class CgroupReclaim {
    private CgroupReclaim() {}

    static Progress shrink(NumaNode node, Shrink request, Turn turn) {
        int cgroup = request.cgroup();
        if (turn.step(() -> node.charged(cgroup)) == 0) {
            return Progress.NONE;
        }
        boolean swap = turn.ask(new SwapId(), new SwapCommand.Room()) > 0 || turn.step(() -> turn.context().settings().demotion());
        ScanCounts sizes = turn.step(() -> sizes(node, cgroup));
        ScanCounts counts = turn.step(() -> ScanBalance.ofCgroup(node, sizes, request.priority(), swap, turn));
        Progress progress = Progress.NONE;
        if (!counts.isUsedUp() || counts.activeAnon() > 0) {
            progress = turn.ask(node.id(), new ShrinkLists(Reclaimer.DIRECT, request.priority(), request.target(), counts,
                    ScanBalance.deactivation(sizes), swap, Progress.NONE, cgroup));
        }
        if (swap && turn.step(() -> ScanBalance.isInactiveLow(sizes(node, cgroup), false))) {
            turn.ask(node.id(), new ShrinkActive(LruList.ACTIVE_ANON, ReclaimScan.CLUSTER, cgroup));
        }
        ReclaimScan.shrinkDeferred(node, cgroup, request.priority(), turn);
        return progress;
    }

    /** Pages of the cgroup on each list of the node. */
    private static ScanCounts sizes(NumaNode node, int cgroup) {
        long[] pages = new long[LruList.values().length];
        node.folios.forEach((start, count, folio) -> {
            LruList list = folio.cgroup() == cgroup ? LruLists.listOf(folio) : null;
            if (list != null) {
                pages[list.ordinal()] += count;
            }
        });
        ScanCounts sizes = ScanCounts.NONE;
        for (LruList list : LruList.values()) {
            sizes = sizes.with(list, pages[list.ordinal()]);
        }
        return sizes;
    }
}
