package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.BeginWriteback;
import org.foliofleet.protocol.message.NumaNodeCommand.EnterSwapCache;
import org.foliofleet.protocol.message.NumaNodeCommand.LeaveSwapCache;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;

/** Shmem folios on their way to a block device, which stay in the swap cache, and back: {@code shmem_writeout()}, {@code shmem_swapin_folio()}. */
final class CacheWriteback {
    private CacheWriteback() {}

    static ContentRuns enter(NumaNode node, EnterSwapCache request, Turn turn) {
        PageRuns.Builder entries = PageRuns.builder();
        for (int i = 0; i < request.frames().size(); i++) {
            entries.add(request.frames().start(i), request.frames().count(i), new Pte(Pte.State.PRESENT, 0, 0, 0));
        }
        ContentRuns contents = Contents.of(node, entries.build());
        turn.emit(new SwapOut.Written(request.frames()));
        turn.emit(new Entered(request.frames(), request.slots()));
        return contents;
    }

    static Void begin(NumaNode node, BeginWriteback request, Turn turn) {
        Writeback.begin(node, request.frames(), request.writing(), request.end(), turn);
        return null;
    }

    static FrameRuns leave(NumaNode node, LeaveSwapCache request, Turn turn) {
        Writeback.await(node, request.frames(), turn);
        return turn.step(() -> {
            FrameRuns.Builder left = new FrameRuns.Builder();
            FrameRuns.Builder slots = new FrameRuns.Builder();
            long delta = request.slot() - request.frames().start(0);
            long at = 0;
            for (int i = 0; i < request.frames().size(); i++) {
                long offset = delta + request.frames().start(0) + at - request.frames().start(i);
                node.folios.forEach(request.frames().start(i), request.frames().start(i) + request.frames().count(i), (start, count, folio) -> {
                    boolean there = folio.has(Folio.SWAPCACHE) && !folio.has(Folio.ANON) && folio.order() == request.order()
                            && folio.swapDelta() == offset && !folio.isMapped();
                    if (there && (request.mapping() != null || folio.gets() == 0)) {
                        left.add(start, count);
                        slots.add(start + offset, count);
                    }
                });
                at += request.frames().count(i);
            }
            FrameRuns frames = left.build();
            if (!frames.isEmpty()) {
                if (request.mapping() == null) {
                    turn.emit(new SwapCacheFreeing.SwapCacheLeft(frames));
                } else {
                    turn.emit(new Returned(frames, request.mapping().key(), request.index() - request.frames().start(0)));
                }
                turn.send(new SwapId(), new SwapCommand.Uncache(slots.build()));
            }
            return frames;
        });
    }

    /** Those of the folios that are in the swap cache. Within a step. */
    static FrameRuns inSwapCache(NumaNode node, FrameRuns frames) {
        FrameRuns.Builder cached = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> {
                if (folio.has(Folio.SWAPCACHE)) {
                    cached.add(start, count);
                }
            });
        }
        return cached.build();
    }

    /** Folios are in the swap cache, and in no page cache any more. */
    private record Entered(FrameRuns frames, FrameRuns slots) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            int run = 0;
            long used = 0;
            for (int i = 0; i < frames.size(); i++) {
                for (long frame = frames.start(i), end = frame + frames.count(i); frame < end;) {
                    long count = Math.min(end - frame, slots.count(run) - used);
                    long delta = slots.start(run) + used - frame;
                    node.folios.transform(frame, frame + count, (start, pages, folio) ->
                            folio.without(Folio.CACHED | Folio.DIRTY).withMapping(0, 0).withSwap(true, delta));
                    frame += count;
                    used += count;
                    if (used == slots.count(run)) {
                        run++;
                        used = 0;
                    }
                }
            }
        }
    }

    /** Folios are in a page cache, dirty, and not in the swap cache any more. */
    private record Returned(FrameRuns frames, long mapping, long indexDelta) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                node.folios.transform(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) ->
                        folio.withSwap(false, 0).with(Folio.CACHED | Folio.DIRTY).withMapping(mapping, indexDelta));
            }
        }
    }
}
