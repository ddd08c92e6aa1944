package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Migrate;
import org.foliofleet.protocol.message.Migration.Mode;
import org.foliofleet.protocol.message.Migration.Target;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.Progress;
import org.foliofleet.protocol.message.PressureCommand.Reclaimer;
import org.foliofleet.protocol.message.PressureCommand.ShrinkInactive;
import org.foliofleet.protocol.message.RmapWalk;

/** {@code shrink_inactive_list()}, mm/vmscan.c: the oldest folios are reclaimed unless somebody used them (R10.5 to R10.12). */
final class InactiveList {
    private InactiveList() {}

    static Progress shrink(NumaNode node, ShrinkInactive request, Turn turn) {
        boolean file = request.list() == LruList.INACTIVE_FILE;
        Writeback.Met isolated = turn.step(() -> {
            List<ShrinkFolios> parts = LruIsolation.isolate(node, request.list(), request.pages(), request.cgroup(), turn);
            turn.emit(new Scanned(LruIsolation.pages(parts), 0, file, request.reclaimer()));
            return Writeback.setAside(node, parts, request.reclaimer() == Reclaimer.KSWAPD, turn);
        });
        List<Integer> lower = turn.step(() -> turn.context().settings().demotion()
                ? turn.context().topology().demotionTargets(node.number()) : List.of());
        long reclaimed = 0;
        boolean full = lower.isEmpty();
        for (ShrinkFolios part : isolated.rest()) {
            for (ShrinkFolios alike : turn.step(() -> LruIsolation.walkable(node, part))) {
                RmapWalk.Result found = FolioReferences.test(node, alike, turn);
                for (ShrinkFolios one : turn.step(() -> chosen(node, alike, found, turn))) {
                    long went = full ? turn.ask(node.id(), one) : demote(node, one, lower, request, turn);
                    full |= went < one.pages();
                    reclaimed += went;
                }
            }
        }
        long gone = reclaimed;
        turn.run(() -> {
            turn.emit(new Scanned(0, gone, file, request.reclaimer()));
            long written = turn.context().settings().swapDevice().block() ? Writeback.begunOf(node, isolated.rest()) : file ? 0 : gone;
            Pressure.noteCost(node, file, written, isolated.pages() - gone, turn);
        });
        return new Progress(isolated.pages(), gone, isolated.writeback(), isolated.immediate());
    }

    /** Puts back what stays; replies the rest, in parts that are alike. Within a step. */
    private static List<ShrinkFolios> chosen(NumaNode node, ShrinkFolios alike, RmapWalk.Result found, Turn turn) {
        FolioReferences.Verdict verdict = FolioReferences.verdict(node, alike, found);
        mark(verdict.activate(), Folio.REFERENCED, 0, turn);
        mark(verdict.keep(), Folio.REFERENCED, 0, turn);
        mark(verdict.reclaim(), 0, Folio.REFERENCED, turn);
        turn.emit(new Reclaim.PutBack(verdict.activate(), true));
        turn.emit(new Reclaim.PutBack(verdict.keep(), false));
        List<ShrinkFolios> chosen = new ArrayList<>();
        for (int i = 0; i < verdict.reclaim().size(); i++) {
            long from = verdict.reclaim().start(i);
            node.folios.forEach(from, from + verdict.reclaim().count(i), (start, count, folio) ->
                    chosen.add(new ShrinkFolios(start, count, folio.order())));
        }
        return List.copyOf(chosen);
    }

    private static void mark(FrameRuns frames, int set, int clear, Turn turn) {
        for (int i = 0; i < frames.size(); i++) {
            turn.emit(new FolioEvents.FlagsChanged(frames.start(i), frames.count(i), set, clear));
        }
    }

    /** {@code demote_folio_list()}; what finds no room below is back on its list, and what comes after it is reclaimed. */
    private static long demote(NumaNode node, ShrinkFolios part, List<Integer> lower, ShrinkInactive request, Turn turn) {
        long index = turn.step(() -> part.frame() + node.folios.get(part.frame()).indexDelta());
        long stayed = turn.ask(node.id(), new Migrate(new Group(part.frame(), part.pages(), part.order(), index), Target.anyOf(lower), Mode.ASYNC));
        long gone = part.pages() - (stayed << part.order());
        turn.run(() -> turn.emit(new Demoted(gone, request.reclaimer())));
        return gone;
    }

    /** Pages were looked at, or went. */
    private record Scanned(long scanned, long reclaimed, boolean file, Reclaimer reclaimer) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            boolean kswapd = reclaimer == Reclaimer.KSWAPD;
            node.statistics.add(kswapd ? VmEvent.PGSCAN_KSWAPD : VmEvent.PGSCAN_DIRECT, scanned);
            node.statistics.add(kswapd ? VmEvent.PGSTEAL_KSWAPD : VmEvent.PGSTEAL_DIRECT, reclaimed);
            node.statistics.add(file ? VmEvent.PGSCAN_FILE : VmEvent.PGSCAN_ANON, scanned);
            node.statistics.add(file ? VmEvent.PGSTEAL_FILE : VmEvent.PGSTEAL_ANON, reclaimed);
        }
    }

    private record Demoted(long pages, Reclaimer reclaimer) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(reclaimer == Reclaimer.KSWAPD ? VmEvent.PGDEMOTE_KSWAPD : VmEvent.PGDEMOTE_DIRECT, pages);
        }
    }
}
