package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.PressureCommand.FreeUp;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.Progress;
import org.foliofleet.protocol.message.PressureCommand.Reclaimer;
import org.foliofleet.protocol.message.PressureCommand.RunKswapd;
import org.foliofleet.protocol.message.PressureCommand.ShrinkActive;
import org.foliofleet.protocol.message.PressureCommand.ShrinkNode;
import org.foliofleet.protocol.message.PressureCommand.WakeKswapd;

/**
 * {@code kswapd()} and {@code balance_pgdat()}, mm/vmscan.c, of one node (R10.15). It works for single pages: without
 * compaction it could not do more for larger ones.
 */
final class Kswapd {
    private Kswapd() {}

    /** {@code wakeup_kswapd()}: unless it runs, has given up, or has nothing to do. */
    static Void wake(NumaNode node, WakeKswapd request, Turn turn) {
        Pressure pressure = node.pressure;
        if (!pressure.kswapdRuns && pressure.kswapdFailures < Pressure.MAX_FAILURES && !isBalanced(node, turn)) {
            Pressure.kswapd(node, true, pressure.kswapdFailures, turn);
            turn.emit(new Woken());
            turn.send(node.id(), new RunKswapd(FreeUp.FIRST_PRIORITY, 0));
        }
        return null;
    }

    static boolean isBalanced(NumaNode node, Turn turn) {
        return node.frames.freePages() >= node.pressure.marks(node, turn).high();
    }

    /** Each pass scans a larger part of the lists than the one before, unless that was enough. */
    static Void run(NumaNode node, RunKswapd request, Turn turn) {
        if (turn.step(() -> isBalanced(node, turn)) || request.priority() < 1) {
            turn.run(() -> {
                if (isBalanced(node, turn)) {
                    Writeback.congested(node, false, turn);
                }
                Pressure.kswapd(node, false, request.reclaimed() > 0 ? 0 : node.pressure.kswapdFailures + 1, turn);
            });
            return null;
        }
        if (turn.step(() -> ScanBalance.isInactiveLow(Pressure.lists(node, turn), false))) {
            turn.ask(node.id(), new ShrinkActive(LruList.ACTIVE_ANON, ReclaimScan.CLUSTER, Memcg.ALL));
        }
        long target = turn.step(() -> Math.max(node.pressure.marks(node, turn).high(), ReclaimScan.CLUSTER));
        Progress progress = turn.ask(node.id(), new ShrinkNode(Reclaimer.KSWAPD, request.priority(), target));
        boolean raise = progress.scanned() < target || progress.reclaimed() == 0;
        return turn.continueAs(new RunKswapd(request.priority() - (raise ? 1 : 0), request.reclaimed() + progress.reclaimed()));
    }

    private record Woken() implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.PAGEOUTRUN, 1);
        }
    }
}
