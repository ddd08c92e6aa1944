package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.FolioCommand.EndWriteback;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.LatencyKind;

/**
 * Folios that the swap device is writing: {@code folio_start_writeback()}, {@code folio_end_writeback()}, mm/page-writeback.c, and
 * what reclaim does when it meets them (R10.5, R10.9). On a synchronous device there are none.
 */
final class Writeback {
    /** {@code reclaim_throttle()} of kswapd: at most HZ/10. */
    private static final long THROTTLE_NANOS = 100_000_000;
    /** The same of direct reclaim: a jiffy at 250 Hz. */
    private static final long JIFFY_NANOS = 4_000_000;
    /** A node where kswapd has failed so often does not let anybody wait. */
    private static final int HOPELESS = Pressure.MAX_FAILURES;

    /** By frame, the tick in which the device is done. */
    final RunMap<Long> ends = new RunMap<>();
    /** PGDAT_WRITEBACK: kswapd found nothing but pages under writeback on its lists. */
    boolean congested;

    /** Pages under writeback: {@code nr_writeback}. */
    long pages() {
        return ends.size();
    }

    // -- begin and end -------------------------------------------------------------------------------------------

    /** Marks those of the folios whose slots are being written, with what is known of the end. Within a step. */
    static void begin(NumaNode node, FrameRuns folios, FrameRuns slots, long end, Turn turn) {
        FrameRuns.Builder frames = new FrameRuns.Builder();
        for (int i = 0; i < folios.size(); i++) {
            node.folios.forEach(folios.start(i), folios.start(i) + folios.count(i), (start, count, folio) -> {
                for (long head = start; folio.has(Folio.SWAPCACHE) && head < start + count; head += folio.pages()) {
                    if (contains(slots, head + folio.swapDelta())) {
                        frames.add(head, folio.pages());
                    }
                }
            });
        }
        FrameRuns written = frames.build();
        if (!written.isEmpty()) {
            turn.emit(new Begun(written, end));
            turn.send(node.id(), new EndWriteback(written, end));
        }
    }

    private static boolean contains(FrameRuns runs, long number) {
        for (int i = 0; i < runs.size(); i++) {
            if (number >= runs.start(i) && number < runs.start(i) + runs.count(i)) {
                return true;
            }
        }
        return false;
    }

    static Void end(NumaNode node, EndWriteback request, Turn turn) {
        turn.sleepUntil(request.end());
        turn.run(() -> {
            FrameRuns.Builder rotated = new FrameRuns.Builder();
            forEach(node, request.frames(), (start, count, folio) -> {
                boolean locked = folio.isLarge() && node.isLocked(new FolioLock(Frame.head(start, folio.order())));
                if (folio.has(Folio.RECLAIM) && folio.has(Folio.LRU) && !folio.has(Folio.DIRTY | Folio.UNEVICTABLE) && !locked) {
                    rotated.add(start, count);
                }
            });
            turn.emit(new Ended(request.frames(), rotated.build()));
        });
        return null;
    }

    /** Takes folios in a row that are alike. */
    @FunctionalInterface
    private interface Visitor {
        void folios(long start, long count, Folio folio);
    }

    private static void forEach(NumaNode node, FrameRuns frames, Visitor visitor) {
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), visitor::folios);
        }
    }

    // -- met by reclaim ------------------------------------------------------------------------------------------

    /**
     * What is left of isolated folios without those under writeback.
     *
     * @param rest      parts to go on with
     * @param pages     that were isolated
     * @param writeback pages under writeback, of which those are
     * @param immediate that kswapd met again
     */
    record Met(List<ShrinkFolios> rest, long pages, long writeback, long immediate) {}

    /** Folios under writeback become active, until they are written; {@link Folio#RECLAIM} is set since that began. Within a step. */
    static Met setAside(NumaNode node, List<ShrinkFolios> isolated, boolean kswapd, Turn turn) {
        long pages = LruIsolation.pages(isolated);
        if (node.writeback.pages() == 0) {
            return new Met(isolated, pages, 0, 0);
        }
        List<ShrinkFolios> rest = new ArrayList<>();
        FrameRuns.Builder aside = new FrameRuns.Builder();
        long[] immediate = {0};
        for (ShrinkFolios part : isolated) {
            node.folios.forEach(part.frame(), part.frame() + part.pages(), (start, count, folio) -> {
                if (!folio.has(Folio.WRITEBACK) || folio.has(Folio.MLOCKED)) {
                    rest.add(new ShrinkFolios(start, count, folio.order()));
                    return;
                }
                aside.add(start, count);
                immediate[0] += kswapd && node.writeback.congested && folio.has(Folio.RECLAIM) ? count : 0;
            });
        }
        FrameRuns kept = aside.build();
        turn.emit(new Reclaim.PutBack(kept, true));
        turn.emit(new MetAgain(kept.frames(), immediate[0]));
        return new Met(List.copyOf(rest), pages, kept.frames() - immediate[0], immediate[0]);
    }


    /** Pages of parts that were not under writeback when they were isolated, and are now. Within a step. */
    static long begunOf(NumaNode node, List<ShrinkFolios> parts) {
        long[] pages = {0};
        for (ShrinkFolios part : parts) {
            node.writeback.ends.forEach(part.frame(), part.frame() + part.pages(), (start, count, end) -> pages[0] += count);
        }
        return pages[0];
    }

    // -- waiting -------------------------------------------------------------------------------------------------

    /** {@code folio_wait_writeback()}: until none of the frames is under writeback. */
    static void await(NumaNode node, FrameRuns frames, Turn turn) {
        while (true) {
            long until = turn.step(() -> {
                long[] last = {-1};
                for (int i = 0; i < frames.size(); i++) {
                    node.writeback.ends.forEach(frames.start(i), frames.start(i) + frames.count(i), (start, count, end) ->
                            last[0] = Math.max(last[0], Math.max(end, turn.tick() + 1)));
                }
                return last[0];
            });
            if (until < 0) {
                return;
            }
            sleep(until, LatencyKind.LOCK, turn);
        }
    }

    private static void sleep(long until, LatencyKind kind, Turn turn) {
        long since = turn.step(turn::tick);
        turn.sleepUntil(until);
        turn.run(() -> turn.chargeStall(kind, (turn.tick() - since) * turn.context().settings().tickNanos()));
    }

    /** {@code reclaim_throttle(VMSCAN_THROTTLE_WRITEBACK)}: kswapd waits until more than a cluster of pages was written. */
    static void throttleKswapd(NumaNode node, Turn turn) {
        long until = turn.step(() -> {
            turn.emit(new Throttled(VmEvent.THROTTLED_KSWAPD));
            TreeMap<Long, Long> byEnd = new TreeMap<>();
            node.writeback.ends.forEach((start, count, end) -> byEnd.merge(end, count, Long::sum));
            long timeout = turn.tick() + ticks(THROTTLE_NANOS, turn);
            long written = 0;
            for (Map.Entry<Long, Long> next : byEnd.entrySet()) {
                written += next.getValue();
                if (written > ReclaimScan.CLUSTER) {
                    return Math.min(timeout, next.getKey() + 1);
                }
            }
            return timeout;
        });
        turn.sleepUntil(until);
    }

    /** {@code reclaim_throttle(VMSCAN_THROTTLE_NOPROGRESS)}: waits a moment if the device has most of what could be reclaimed. */
    static void throttleDirect(NumaNode node, Turn turn) {
        long until = turn.step(() -> {
            if (node.writeback.pages() == 0 || node.pressure.kswapdFailures >= HOPELESS
                    || 2 * node.writeback.pages() <= DirectReclaim.reclaimable(node, true, turn)) {
                return -1L;
            }
            turn.emit(new Throttled(VmEvent.THROTTLED_DIRECT));
            return turn.tick() + ticks(JIFFY_NANOS, turn);
        });
        if (until >= 0) {
            sleep(until, LatencyKind.RECLAIM, turn);
        }
    }

    private static long ticks(long nanos, Turn turn) {
        return Math.max(1, nanos / turn.context().settings().tickNanos());
    }

    /** Kswapd sees, or no longer sees, that its lists are full of pages under writeback. Within a step. */
    static void congested(NumaNode node, boolean congested, Turn turn) {
        if (node.writeback.congested != congested) {
            turn.emit(new Congested(congested));
        }
    }

    // -- events --------------------------------------------------------------------------------------------------

    private record Begun(FrameRuns frames, long end) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                node.writeback.ends.set(frames.start(i), frames.count(i), end);
                node.folios.transform(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) ->
                        folio.with(Folio.WRITEBACK | Folio.RECLAIM));
            }
        }
    }

    /** Folios are written; of those, the ones that reclaim waits for are the oldest now: {@code lru_move_tail()}. */
    private record Ended(FrameRuns frames, FrameRuns rotated) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            change(node, frames, Folio.WRITEBACK | Folio.RECLAIM);
            change(node, rotated, Folio.ACTIVE);
            node.folios.rotate(rotated);
            node.statistics.add(VmEvent.PGROTATED, rotated.frames());
            for (int i = 0; i < frames.size(); i++) {
                node.writeback.ends.clear(frames.start(i), frames.count(i));
            }
        }

        private static void change(NumaNode node, FrameRuns frames, int cleared) {
            for (int i = 0; i < frames.size(); i++) {
                node.folios.transform(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> folio.without(cleared));
            }
        }
    }

    private record Congested(boolean congested) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.writeback.congested = congested;
        }
    }

    private record MetAgain(long pages, long immediate) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.WRITEBACK_MET, pages);
            node.statistics.add(VmEvent.WRITEBACK_MET_AGAIN, immediate);
        }
    }

    private record Throttled(VmEvent who) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(who, 1);
        }
    }
}
