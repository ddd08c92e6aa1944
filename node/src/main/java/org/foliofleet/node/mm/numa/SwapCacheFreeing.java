package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.FolioCommand.FreeSwapCache;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code folio_free_swap()} and {@code free_swap_cache()}: folios leave the swap cache when no entry names their slots. */
final class SwapCacheFreeing {
    private SwapCacheFreeing() {}

    /** Frees what nobody maps, if nobody has it locked or isolated; until swap has answered, a reference keeps others from moving it. */
    static Void free(NumaNode node, FreeSwapCache request, Turn turn) {
        FrameRuns held = turn.step(() -> hold(node, request.frames(), turn));
        if (!held.isEmpty()) {
            FrameRuns slots = turn.step(() -> slots(node, held));
            FrameRuns freed = turn.ask(new SwapId(), new SwapCommand.FreeUnused(slots));
            turn.run(() -> {
                if (!freed.isEmpty()) {
                    dropNow(node, held, freed, turn);
                }
                turn.emit(new FolioEvents.Put(held, 0));
            });
        }
        return null;
    }

    /** Takes a reference of each folio that may go. Within a step. */
    private static FrameRuns hold(NumaNode node, FrameRuns frames, Turn turn) {
        RunSet found = new RunSet();   // frames may be named twice
        for (int i = 0; i < frames.size(); i++) {
            long start = frames.start(i);
            node.folios.forEach(start, start + frames.count(i), (frame, count, folio) -> {
                long head = Frame.head(frame, folio.order());
                boolean locked = folio.isLarge() && node.isLocked(new FolioLock(head));
                if (folio.has(Folio.SWAPCACHE) && !folio.has(Folio.WRITEBACK) && !folio.isMapped() && folio.has(Folio.LRU) && !locked) {
                    found.add(head, Frame.head(frame + count - 1, folio.order()) + folio.pages() - head);
                }
            });
        }
        FrameRuns held = runs(found);
        for (int i = 0; i < held.size(); i++) {
            turn.emit(new FolioEvents.Got(held.start(i), held.count(i), 0));
        }
        return held;
    }

    private static FrameRuns slots(NumaNode node, FrameRuns frames) {
        FrameRuns.Builder slots = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (frame, count, folio) -> slots.add(frame + folio.swapDelta(), count));
        }
        return slots.build();
    }

    /** Folios among {@code frames} whose slots were freed leave the swap cache, dirty; without other references they go. */
    static void drop(NumaNode node, FrameRuns frames, FrameRuns freedSlots, Turn turn) {
        if (!freedSlots.isEmpty()) {
            turn.run(() -> dropNow(node, frames, freedSlots, turn));
        }
    }

    /** The same, within a step. */
    static void dropNow(NumaNode node, FrameRuns frames, FrameRuns freedSlots, Turn turn) {
        RunSet gone = new RunSet();   // frames may be named twice
        for (int i = 0; i < frames.size(); i++) {
            long start = frames.start(i);
            node.folios.forEach(start, start + frames.count(i), (frame, count, folio) -> {
                if (!folio.has(Folio.SWAPCACHE)) {
                    return;
                }
                for (int j = 0; j < freedSlots.size(); j++) {
                    long from = Math.max(frame, freedSlots.start(j) - folio.swapDelta());
                    long to = Math.min(frame + count, freedSlots.start(j) + freedSlots.count(j) - folio.swapDelta());
                    if (to > from) {
                        gone.add(from, to - from);
                    }
                }
            });
        }
        turn.emit(new SwapCacheLeft(runs(gone)));
    }

    /** Tries that later, as nothing waits for it. Within a step. */
    static void later(NumaNode node, FrameRuns frames, Turn turn) {
        if (!frames.isEmpty()) {
            turn.send(node.id(), new FreeSwapCache(frames));
        }
    }

    /** {@code free_swap_cache()} when the last mapping went. Within a step. */
    static void afterUnmap(NumaNode node, PageRuns runs, Turn turn) {
        RunSet unmapped = new RunSet();   // a large folio may have lost several runs of entries
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i);
            long from = entry.frame(runs.start(i));
            node.folios.forEach(from, from + runs.count(i), (frame, count, folio) -> {
                if (folio.has(Folio.SWAPCACHE) && !folio.isMapped()) {
                    long head = Frame.head(frame, folio.order());
                    unmapped.add(head, Math.max(count + frame - head, folio.pages()));
                }
            });
        }
        later(node, runs(unmapped), turn);
    }

    private static FrameRuns runs(RunSet set) {
        FrameRuns.Builder runs = new FrameRuns.Builder();
        set.forEach(runs::add);
        return runs.build();
    }

    /** Folios are no longer in the swap cache. */
    record SwapCacheLeft(FrameRuns frames) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                long end = frames.start(i) + frames.count(i);
                for (long at = frames.start(i); at < end;) {
                    Folio folio = node.folios.get(at);
                    long until = Math.min(end, node.folios.runEnd(at));
                    Folio after = folio.withSwap(false, 0).with(Folio.DIRTY);
                    if (after.references() > 0) {
                        node.folios.set(at, until - at, after);
                    } else {
                        for (long head = at; head < until; head += folio.pages()) {
                            node.free(head, after);
                        }
                    }
                    at = until;
                }
            }
        }
    }
}
