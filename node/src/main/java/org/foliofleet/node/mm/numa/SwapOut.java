package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.Shadows;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.LatencyKind;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.SwapCommand.Submitted;

/** The way of swap-backed anonymous folios through {@code shrink_folio_list()}: swap cache, unmap, write, free (R10.6 to R10.10). */
final class SwapOut {
    /** What {@link #enter} says when the folio does not go on as it is. */
    private enum Way { ON, KEEP, ACTIVATE, SPLIT_FIRST }

    private SwapOut() {}

    /** Isolated folios, alike, large ones locked; replies how many pages were freed. */
    static long swapOut(NumaNode node, ShrinkFolios request, Folio folio, Turn turn) {
        FrameRuns frames = FrameRuns.of(request.frame(), request.pages());
        if (folio.has(Folio.SWAPCACHE)) {
            return unmapAndWrite(node, frames, request.order(), turn);
        }
        Way way = turn.step(() -> enter(node.folios.get(request.frame())));
        if (way == Way.KEEP || way == Way.ACTIVATE) {
            turn.run(() -> turn.emit(new Reclaim.PutBack(frames, way == Way.ACTIVATE)));
            return 0;
        }
        if (way == Way.SPLIT_FIRST) {
            return splitAndGoOn(node, request, turn);
        }
        FrameRuns slots = turn.ask(new SwapId(), new SwapCommand.Allocate(frames, request.order()));
        long granted = slots.frames();
        if (granted == 0 && folio.isLarge()) {
            return fallBack(node, request, turn);
        }
        if (granted > 0) {
            turn.run(() -> turn.emit(new SwapCacheEntered(request.frame(), slots)));
        }
        if (granted < request.pages()) {
            turn.run(() -> turn.emit(new Reclaim.PutBack(FrameRuns.of(request.frame() + granted, request.pages() - granted), true)));
        }
        return granted == 0 ? 0 : unmapAndWrite(node, FrameRuns.of(request.frame(), granted), request.order(), turn);
    }

    private static Way enter(Folio folio) {
        if (folio.isMaybePinned()) {
            return Way.KEEP;
        }
        if (folio.isLarge()) {
            if (folio.references() - folio.mapcount() != 1) {
                return Way.ACTIVATE;
            }
            if (folio.has(Folio.DEFERRED) && folio.has(Folio.PARTIALLY_MAPPED)) {
                return Way.SPLIT_FIRST;
            }
        }
        return Way.ON;
    }

    private static long splitAndGoOn(NumaNode node, ShrinkFolios request, Turn turn) {
        if (!Reclaim.splitIsolated(node, request.frame(), turn)) {
            turn.run(() -> turn.emit(new Reclaim.PutBack(FrameRuns.of(request.frame(), request.pages()), true)));
            return 0;
        }
        return Reclaim.shrinkPieces(node, request.frame(), request.pages(), turn);
    }

    /** No room for the whole folio: it is split, and its pages are swapped out one by one. */
    private static long fallBack(NumaNode node, ShrinkFolios request, Turn turn) {
        if (!Reclaim.splitIsolated(node, request.frame(), turn)) {
            turn.run(() -> turn.emit(new Reclaim.PutBack(FrameRuns.of(request.frame(), request.pages()), true)));
            return 0;
        }
        turn.run(() -> turn.emit(new FellBack(request.order())));
        return Reclaim.shrinkPieces(node, request.frame(), request.pages(), turn);
    }

    /** {@code try_to_unmap()}, {@code pageout()} and {@code __remove_mapping()} of folios in the swap cache. */
    private static long unmapAndWrite(NumaNode node, FrameRuns frames, int order, Turn turn) {
        long start = frames.start(0);
        long end = start + frames.count(0);
        for (long at = start; at < end;) {
            long from = at;
            long until = turn.step(() -> Math.min(end, node.folios.runEnd(from)));
            Folio folio = turn.step(() -> node.folios.get(from));
            if (folio.isMapped() && folio.has(Folio.SWAPCACHE)) {
                RmapWalks.walk(folio.mapping(), from, until - from, order, folio.indexDelta(), new RmapWalk.ToSwap(folio.swapDelta()), turn);
            }
            at = until;
        }
        FrameRuns written = turn.step(() -> settleMapped(node, start, end, turn));
        FrameRuns dirty = turn.step(() -> withFlag(node, written, Folio.DIRTY, true));
        if (!dirty.isEmpty()) {
            write(node, dirty, order, turn);
        }
        return turn.step(() -> free(node, written, turn));
    }

    /** Puts back what is still mapped or pinned; replies the rest. Within a step. */
    private static FrameRuns settleMapped(NumaNode node, long start, long end, Turn turn) {
        FrameRuns.Builder active = new FrameRuns.Builder();
        FrameRuns.Builder keep = new FrameRuns.Builder();
        FrameRuns.Builder on = new FrameRuns.Builder();
        node.folios.forEach(start, end, (from, count, folio) -> {
            boolean held = folio.references() != 1 + folio.pages() || folio.has(Folio.WRITEBACK) || !folio.has(Folio.SWAPCACHE);
            boolean activate = folio.isMapped() || folio.isMaybePinned();
            (activate ? active : held ? keep : on).add(from, count);
        });
        turn.emit(new Reclaim.PutBack(active.build(), true));
        turn.emit(new Reclaim.PutBack(keep.build(), false));
        return on.build();
    }

    private static FrameRuns withFlag(NumaNode node, FrameRuns frames, int flag, boolean wanted) {
        FrameRuns.Builder found = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (from, count, folio) -> {
                if (folio.has(flag) == wanted) {
                    found.add(from, count);
                }
            });
        }
        return found.build();
    }

    private static void write(NumaNode node, FrameRuns dirty, int order, Turn turn) {
        FrameRuns slots = turn.step(() -> slots(node, dirty));
        ContentRuns contents = turn.step(() -> Contents.of(node, entries(dirty)));
        if (turn.step(() -> turn.context().settings().swapDevice().block())) {
            Submitted submitted = turn.ask(new SwapId(), new SwapCommand.Submit(slots, dirty, contents, order));
            turn.run(() -> {
                turn.emit(new Written(withoutSlots(node, dirty, submitted.unused())));
                Writeback.begin(node, dirty, submitted.writing(), submitted.end(), turn);
                SwapCacheFreeing.dropNow(node, dirty, submitted.unused(), turn);
            });
            return;
        }
        FrameRuns unused = turn.ask(new SwapId(), new SwapCommand.Write(slots, contents, order));
        turn.run(() -> {
            turn.emit(new Written(withoutSlots(node, dirty, unused)));
            turn.chargeStall(LatencyKind.RECLAIM, dirty.frames() * turn.context().costs().swapPage());
            SwapCacheFreeing.dropNow(node, dirty, unused, turn);
        });
    }

    private static FrameRuns slots(NumaNode node, FrameRuns frames) {
        FrameRuns.Builder slots = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (from, count, folio) ->
                    slots.add(from + folio.swapDelta(), count));
        }
        return slots.build();
    }

    /** The frames as entries that name them. */
    private static PageRuns entries(FrameRuns frames) {
        PageRuns.Builder entries = PageRuns.builder();
        for (int i = 0; i < frames.size(); i++) {
            entries.add(frames.start(i), frames.count(i), new Pte(Pte.State.PRESENT, 0, 0, 0));
        }
        return entries.build();
    }

    private static FrameRuns withoutSlots(NumaNode node, FrameRuns frames, FrameRuns unused) {
        FrameRuns.Builder left = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (from, count, folio) -> {
                for (long head = from; head < from + count; head += folio.pages()) {
                    if (!contains(unused, head + folio.swapDelta())) {
                        left.add(head, folio.pages());
                    }
                }
            });
        }
        return left.build();
    }

    private static boolean contains(FrameRuns runs, long number) {
        for (int i = 0; i < runs.size(); i++) {
            if (number >= runs.start(i) && number < runs.start(i) + runs.count(i)) {
                return true;
            }
        }
        return false;
    }

    /** {@code __remove_mapping()}: frees clean folios of the swap cache that nothing else refers to. Within a step. */
    static long free(NumaNode node, FrameRuns frames, Turn turn) {
        FrameRuns.Builder freed = new FrameRuns.Builder();
        FrameRuns.Builder slots = new FrameRuns.Builder();
        FrameRuns.Builder kept = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (from, count, folio) -> {
                if (folio.has(Folio.SWAPCACHE) && !folio.has(Folio.DIRTY | Folio.WRITEBACK) && folio.references() == 1 + folio.pages()) {
                    freed.add(from, count);
                    slots.add(from + folio.swapDelta(), count);
                } else {
                    kept.add(from, count);
                }
            });
        }
        FrameRuns gone = freed.build();
        turn.emit(new Reclaim.PutBack(kept.build(), false));
        if (!gone.isEmpty()) {
            turn.send(new SwapId(), turn.context().settings().workingset()
                    ? new SwapCommand.Evict(Shadows.moved(Workingset.evicted(node, gone, turn), gone, slots.build()))
                    : new SwapCommand.Uncache(slots.build()));
        }
        turn.emit(new Freed(gone));
        return gone.frames();
    }

    /** Folios got swap slots and are in the swap cache, dirty. */
    record SwapCacheEntered(long frame, FrameRuns slots) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            long at = frame;
            for (int i = 0; i < slots.size(); i++) {
                long delta = slots.start(i) - at;
                node.folios.transform(at, at + slots.count(i), (start, count, folio) -> folio.withSwap(true, delta).with(Folio.DIRTY));
                at += slots.count(i);
            }
        }
    }

    /** A large folio had to be split as swap had no room for it. */
    record FellBack(int order) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            if (order == PageOrder.PMD) {
                node.statistics.add(VmEvent.THP_SWPOUT_FALLBACK, 1);
            }
            node.statistics.add(order, FolioStat.SWPOUT_FALLBACK, 1);
        }
    }

    /** Folios are clean now: written, or known to be zero-filled. */
    record Written(FrameRuns frames) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                node.folios.transform(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> {
                    count(node, start, count, folio.order());
                    return folio.without(Folio.DIRTY);
                });
            }
        }

        static void count(NumaNode node, long start, long count, int order) {
            VmStat statistics = node.statistics;
            for (long head = start; head < start + count; head += PageOrder.pages(order)) {
                long pages = order == 0 ? Math.min(start + count, node.contents.runEnd(head)) - head : PageOrder.pages(order);
                boolean zero = node.contents.isClear(head, pages);
                statistics.add(zero ? VmEvent.SWPOUT_ZERO : VmEvent.PSWPOUT, pages);
                if (!zero && order > 0) {
                    statistics.add(order, FolioStat.SWPOUT, 1);
                    if (order == PageOrder.PMD) {
                        statistics.add(VmEvent.THP_SWPOUT, 1);
                    }
                }
                head += order == 0 ? pages - 1 : 0;
            }
        }
    }

    /** Folios whose pages are on the swap device were freed. */
    private record Freed(FrameRuns frames) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                node.folios.transform(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> folio.withSwap(false, 0));
            }
            new FolioEvents.Put(frames, 0).applyTo(node);
        }
    }
}
