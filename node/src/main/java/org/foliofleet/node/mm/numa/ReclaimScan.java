package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.FolioCommand.ScanDeferred;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.Progress;
import org.foliofleet.protocol.message.PressureCommand.Reclaimer;
import org.foliofleet.protocol.message.PressureCommand.ScanCounts;
import org.foliofleet.protocol.message.PressureCommand.ShrinkActive;
import org.foliofleet.protocol.message.PressureCommand.ShrinkInactive;
import org.foliofleet.protocol.message.PressureCommand.ShrinkLists;
import org.foliofleet.protocol.message.PressureCommand.ShrinkNode;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code shrink_node()}, {@code shrink_lruvec()} and {@code do_shrink_slab()}, mm/vmscan.c and mm/shrinker.c (R10.16). */
final class ReclaimScan {
    /** SWAP_CLUSTER_MAX. */
    static final int CLUSTER = 32;
    /** SHRINK_BATCH. */
    private static final int SHRINKER_BATCH = 128;
    /** Parts after which the flight goes on with an empty log. */
    private static final int PARTS_PER_FLIGHT = 24;

    private ReclaimScan() {}

    static Progress node(NumaNode node, ShrinkNode request, Turn turn) {
        boolean swap = turn.ask(new SwapId(), new SwapCommand.Room()) > 0 || turn.step(() -> turn.context().settings().demotion());
        ScanCounts counts = turn.step(() -> ScanBalance.counts(node, request.priority(), swap, turn));
        int deactivate = turn.step(() -> ScanBalance.deactivation(Pressure.lists(node, turn)));
        Progress progress = Progress.NONE;
        if (!counts.isUsedUp() || counts.activeAnon() > 0) {
            progress = turn.ask(node.id(), new ShrinkLists(request.reclaimer(), request.priority(), request.target(), counts, deactivate, swap,
                    Progress.NONE, Memcg.ALL));
        }
        if (swap && turn.step(() -> ScanBalance.isInactiveLow(Pressure.lists(node, turn), false))) {
            turn.ask(node.id(), new ShrinkActive(LruList.ACTIVE_ANON, CLUSTER, Memcg.ALL));
        }
        for (int cgroup : turn.step(() -> node.deferred.cgroups())) {
            shrinkDeferred(node, cgroup, request.priority(), turn);
        }
        if (request.reclaimer() == Reclaimer.KSWAPD) {
            if (progress.writeback() > 0 && progress.writeback() == progress.scanned()) {
                turn.run(() -> Writeback.congested(node, true, turn));
            }
            if (progress.immediate() > 0) {
                Writeback.throttleKswapd(node, turn);
            }
        }
        if (progress.reclaimed() > 0) {
            turn.run(() -> {
                if (node.pressure.kswapdFailures > 0) {
                    Pressure.kswapd(node, node.pressure.kswapdRuns, 0, turn);
                }
            });
        }
        return progress;
    }

    /** Takes a little of each list in turn. */
    static Progress lists(NumaNode node, ShrinkLists request, Turn turn) {
        ScanCounts left = request.left();
        Progress done = request.done();
        int parts = 0;
        while (!left.isUsedUp()) {
            for (LruList list : LruList.values()) {
                long pages = Math.min(left.of(list), CLUSTER);
                if (pages == 0) {
                    continue;
                }
                left = left.with(list, left.of(list) - pages);
                if (!list.isActive()) {
                    done = done.and(turn.ask(node.id(), new ShrinkInactive(list, pages, request.reclaimer(), request.swap(), request.cgroup())));
                    parts++;
                } else if ((request.deactivate() & (list.isFile() ? ScanBalance.DEACTIVATE_FILE : ScanBalance.DEACTIVATE_ANON)) != 0) {
                    turn.ask(node.id(), new ShrinkActive(list, pages, request.cgroup()));
                    parts++;
                }
            }
            if (done.reclaimed() >= request.target()) {
                break;
            }
            if (parts >= PARTS_PER_FLIGHT) {
                return turn.continueAs(new ShrinkLists(request.reclaimer(), request.priority(), request.target(), left, request.deactivate(),
                        request.swap(), done, request.cgroup()));
            }
        }
        return done;
    }

    /** The share of the deferred split queue of a cgroup that the priority asks for; what is no full batch is left for later. */
    static void shrinkDeferred(NumaNode node, int cgroup, int priority, Turn turn) {
        long freeable = turn.step(() -> DeferredSplitShrinker.queued(node, cgroup));
        if (freeable == 0) {
            return;
        }
        long before = turn.step(() -> node.pressure.deferredScans.getOrDefault(cgroup, 0L));
        // DEFAULT_SEEKS: a freed object costs two seeks
        long total = Math.min((before >> priority) + (freeable >> priority) * 4 / 2, 2 * freeable);
        long scanned = 0;
        while (total >= SHRINKER_BATCH || total >= freeable) {
            long batch = Math.min(SHRINKER_BATCH, total);
            turn.ask(node.id(), new ScanDeferred((int) batch, cgroup));
            total -= batch;
            scanned += batch;
        }
        long added = (freeable >> priority) * 4 / 2;
        long deferred = Math.min(Math.max(before + added - scanned, 0), 2 * freeable);
        turn.run(() -> Pressure.deferScans(node, cgroup, deferred, turn));
    }
}
