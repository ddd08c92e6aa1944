package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.FindUnused;
import org.foliofleet.protocol.message.NumaNodeCommand.LeaveCache;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.SwapCommand;

/** The way of page-cache folios through {@code shrink_folio_list()}: unmap, write shmem to swap, drop what is clean (R10.5 to R10.10). */
final class CacheReclaim {
    private CacheReclaim() {}

    /** What became of isolated folios when they were unmapped. */
    private record Sorted(FrameRuns dirty, FrameRuns clean) {}

    static long reclaim(NumaNode node, ShrinkFolios request, Folio folio, Turn turn) {
        long frame = request.frame();
        long end = frame + request.pages();
        if (folio.isMapped()) {
            RmapWalks.walk(folio.mapping(), frame, request.pages(), request.order(), folio.indexDelta(), new RmapWalk.UnmapFile(false), turn);
        }
        Sorted sorted = turn.step(() -> sort(node, frame, end, turn));
        OwnerId mapping = OwnerId.of(folio.mapping());
        FrameRuns gone = FrameRuns.NONE;
        if (!sorted.clean().isEmpty()) {
            gone = turn.ask(mapping, new AddressSpaceCommand.DropClean(byFilePage(sorted.clean(), folio)));
            FrameRuns dropped = gone;
            turn.run(() -> settle(node, sorted.clean(), dropped, false, turn));
        }
        if (sorted.dirty().isEmpty()) {
            return gone.frames();
        }
        FrameRuns swapped = turn.ask(mapping, new AddressSpaceCommand.SwapOut(byFilePage(sorted.dirty(), folio), request.order()));
        if (swapped.isEmpty() && folio.isLarge() && turn.ask(new SwapId(), new SwapCommand.Size()) > 0
                && Reclaim.splitIsolated(node, frame, turn)) {
            turn.run(() -> turn.emit(new SwapOut.FellBack(request.order())));
            return Reclaim.shrinkPieces(node, frame, request.pages(), turn);
        }
        long left = turn.step(() -> {
            FrameRuns cached = CacheWriteback.inSwapCache(node, swapped);
            long freed = cached.isEmpty() ? swapped.frames() : SwapOut.free(node, cached, turn);
            settle(node, sorted.dirty(), cached.isEmpty() ? swapped : FrameRuns.NONE, true, turn);
            return freed;
        });
        return gone.frames() + left;
    }

    /** Puts back what can not go: mapped, pinned and dirty file pages are activated, others kept. Within a step. */
    private static Sorted sort(NumaNode node, long frame, long end, Turn turn) {
        FrameRuns.Builder active = new FrameRuns.Builder();
        FrameRuns.Builder keep = new FrameRuns.Builder();
        FrameRuns.Builder dirty = new FrameRuns.Builder();
        FrameRuns.Builder clean = new FrameRuns.Builder();
        node.folios.forEach(frame, end, (start, count, folio) -> {
            boolean file = folio.has(Folio.DIRTY) && !folio.has(Folio.SWAPBACKED);
            if (folio.isMapped() || folio.isMaybePinned() || file) {
                active.add(start, count);
            } else if (!folio.has(Folio.CACHED) || folio.references() != 1 + folio.pages()) {
                keep.add(start, count);
            } else {
                (folio.has(Folio.DIRTY) ? dirty : clean).add(start, count);
            }
        });
        turn.emit(new Reclaim.PutBack(active.build(), true));
        turn.emit(new Reclaim.PutBack(keep.build(), false));
        return new Sorted(dirty.build(), clean.build());
    }

    /** Frees what left the cache and puts the rest back. Within a step. */
    private static void settle(NumaNode node, FrameRuns frames, FrameRuns gone, boolean activate, Turn turn) {
        turn.emit(new FolioEvents.Put(gone, 0));
        FrameRuns.Builder left = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> {
                if (folio.gets() > 0 && !folio.has(Folio.LRU)) {
                    left.add(start, count);
                }
            });
        }
        turn.emit(new Reclaim.PutBack(left.build(), activate));
    }

    private static PageRuns byFilePage(FrameRuns frames, Folio folio) {
        PageRuns.Builder pages = PageRuns.builder();
        for (int i = 0; i < frames.size(); i++) {
            long index = frames.start(i) + folio.indexDelta();
            pages.add(index, frames.count(i), Pte.present(index, frames.start(i), folio.order(), 0));
        }
        return pages.build();
    }

    // -- with the cache's lock held --------------------------------------------------------------------------------

    static FrameRuns findUnused(NumaNode node, FindUnused request, Turn turn) {
        FrameRuns.Builder unused = new FrameRuns.Builder();
        FolioWalk.over(node, request.pages(), (page, head, folio, from, to, count, entry) -> {
            if (folio.has(Folio.CACHED) && folio.has(Folio.DIRTY) == request.dirty() && folio.references() == 1 + folio.pages()
                    && folio.gets() == 1) {
                unused.add(head, count << folio.order());
            }
        });
        return unused.build();
    }

    static ContentRuns leave(NumaNode node, LeaveCache request, Turn turn) {
        PageRuns.Builder entries = PageRuns.builder();
        for (int i = 0; i < request.frames().size(); i++) {
            entries.add(request.frames().start(i), request.frames().count(i), new Pte(Pte.State.PRESENT, 0, 0, 0));
        }
        ContentRuns contents = Contents.of(node, entries.build());
        if (request.written()) {
            turn.emit(new SwapOut.Written(request.frames()));
        }
        turn.emit(new CacheLeft(request.frames()));
        return contents;
    }

    /** Folios are in no page cache any more. */
    private record CacheLeft(FrameRuns frames) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                node.folios.transform(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) ->
                        folio.without(Folio.CACHED | Folio.DIRTY).withMapping(0, 0));
            }
        }
    }
}
