package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.Pageout;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.RmapWalk;

/**
 * {@code shrink_folio_list()}, mm/vmscan.c, of folios that somebody chose and isolated: takes them off their mappings, and
 * writes them to swap or drops them (R10.5 to R10.12). Who chose them has decided what references mean.
 */
final class Reclaim {
    /** Off the LRU list: what isolation takes away. */
    static final int ISOLATED = Folio.LRU | Folio.ACTIVE | Folio.REFERENCED;

    private Reclaim() {}

    /** {@code reclaim_pages()}: isolates what may be, reclaims it, and puts the rest back. */
    static Void pageout(NumaNode node, Pageout request, Turn turn) {
        List<ShrinkFolios> isolated = turn.step(() -> isolate(node, request, turn));
        for (ShrinkFolios folios : isolated) {
            turn.ask(node.id(), folios);
        }
        return null;
    }

    private static List<ShrinkFolios> isolate(NumaNode node, Pageout request, Turn turn) {
        List<ShrinkFolios> isolated = new ArrayList<>();
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            if (!LruMarks.mayMove(node, folio, entry, count, turn) || !folio.has(Folio.LRU) || folio.has(Folio.UNEVICTABLE)) {
                return;
            }
            if (folio.isLarge()) {
                // one whose entries differ is met in parts
                for (long i = 0; from == 0 && i < count; i++) {
                    isolated.add(new ShrinkFolios(head + (i << folio.order()), folio.pages(), folio.order()));
                }
            } else {
                isolated.add(new ShrinkFolios(head, count, 0));
            }
        });
        for (ShrinkFolios folios : isolated) {
            turn.emit(new FolioEvents.Got(folios.frame(), folios.pages(), ISOLATED));
        }
        return List.copyOf(isolated);
    }

    /**
     * Reclaims isolated folios that are alike; replies how many pages went. What stays is back on the LRU list afterwards.
     */
    static Long shrink(NumaNode node, ShrinkFolios request, Turn turn) {
        Folio folio = turn.step(() -> node.folios.get(request.frame()));
        FrameRuns frames = FrameRuns.of(request.frame(), request.pages());
        if (folio.isLarge() && !turn.tryLock(new FolioLock(request.frame()), true)) {
            turn.run(() -> turn.emit(new PutBack(frames, false)));
            return 0L;
        }
        if (!folio.isLarge() && request.pages() > 1 && folio.mapcount() > 1) {
            long sum = 0;
            for (long i = 0; i < request.pages(); i++) {
                sum += turn.ask(node.id(), new ShrinkFolios(request.frame() + i, 1, 0));
            }
            return sum;
        }
        if (folio.has(Folio.MLOCKED)) {
            turn.run(() -> turn.emit(new PutBack(frames, false)));
            return 0L;
        }
        if (folio.has(Folio.WRITEBACK)) {
            turn.run(() -> turn.emit(new PutBack(frames, true)));
            return 0L;
        }
        if (!folio.isAnon() && !folio.has(Folio.SWAPCACHE)) {
            return CacheReclaim.reclaim(node, request, folio, turn);
        }
        return folio.isLazyfree() ? discard(node, request, folio, turn) : SwapOut.swapOut(node, request, folio, turn);
    }

    /** The pieces of a folio that was split while isolated: each takes its own way. */
    static long shrinkPieces(NumaNode node, long frame, long pages, Turn turn) {
        List<ShrinkFolios> pieces = turn.step(() -> {
            List<ShrinkFolios> all = new ArrayList<>();
            node.folios.forEach(frame, frame + pages, (start, count, folio) -> {
                if (folio.gets() > 0 && !folio.has(Folio.LRU)) {
                    all.add(new ShrinkFolios(start, count, 0));
                }
            });
            return List.copyOf(all);
        });
        long sum = 0;
        for (ShrinkFolios piece : pieces) {
            sum += turn.ask(node.id(), piece);
        }
        return sum;
    }

    /** Splits an isolated folio to order 0 for reclaim; what nobody maps is freed, the first page too. */
    static boolean splitIsolated(NumaNode node, long head, Turn turn) {
        if (FolioSplitting.splitHeld(node, head, 0, -1, true, turn) != SplitOutcome.SPLIT) {
            return false;
        }
        turn.run(() -> {
            if (!node.folios.get(head).isMapped() && !node.folios.get(head).has(Folio.CACHED)) {
                turn.emit(new FolioEvents.Put(FrameRuns.of(head, 1), 0));
            }
        });
        return true;
    }

    /** Drops lazyfree folios that are clean (R6.15, R10.10). */
    private static long discard(NumaNode node, ShrinkFolios request, Folio folio, Turn turn) {
        long frame = request.frame();
        long end = frame + request.pages();
        boolean held = folio.references() != folio.mapcount() + 1;
        if (folio.isMapped()) {
            RmapWalks.walk(folio.mapping(), frame, request.pages(), request.order(), folio.indexDelta(), new RmapWalk.Discard(held), turn);
        }
        return turn.step(() -> {
            FrameRuns.Builder active = new FrameRuns.Builder();
            FrameRuns.Builder kept = new FrameRuns.Builder();
            FrameRuns.Builder freed = new FrameRuns.Builder();
            node.folios.forEach(frame, end, (start, count, now) -> {
                boolean free = now.isLazyfree() && !now.has(Folio.DIRTY) && now.references() == 1;
                (now.isMapped() ? active : free ? freed : kept).add(start, count);
            });
            turn.emit(new PutBack(active.build(), true));
            turn.emit(new PutBack(kept.build(), false));
            FrameRuns gone = freed.build();
            turn.emit(new LazyfreeDropped(gone));
            return gone.frames();
        });
    }

    /** {@code folio_putback_lru()}: isolated folios return to their list, or to the unevictable one; free ones go. */
    record PutBack(FrameRuns frames, boolean activate) implements NodeEvent, LruReturn {
        @Override
        public void applyTo(NumaNode node) {
            new FolioEvents.Put(frames, Folio.LRU | (activate ? Folio.ACTIVE : 0)).applyTo(node);
            if (activate) {
                node.statistics.add(VmEvent.PGACTIVATE, frames.frames());
            }
            for (int i = 0; i < frames.size(); i++) {
                node.folios.transform(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> {
                    if (!folio.has(Folio.MLOCKED) || folio.has(Folio.UNEVICTABLE)) {
                        return folio;
                    }
                    node.statistics.add(VmEvent.UNEVICTABLE_PGS_CULLED, count);
                    return folio.without(Folio.ACTIVE).with(Folio.UNEVICTABLE).withMlockCount(1);
                });
            }
        }
    }

    /** Clean lazyfree folios were freed. */
    private record LazyfreeDropped(FrameRuns frames) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.PGLAZYFREED, frames.frames());
            new FolioEvents.Put(frames, 0).applyTo(node);
        }
    }
}
