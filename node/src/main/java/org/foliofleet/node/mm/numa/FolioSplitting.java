package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand.CommitSplit;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.LatencyKind;
import org.foliofleet.protocol.message.NumaNodeCommand.SplitCached;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.Piece;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code __folio_split()}, mm/huge_memory.c (R8.1 to R8.8). */
final class FolioSplitting {
    private FolioSplitting() {}

    /** Takes reference and lock, splits, gives them up. */
    static SplitOutcome split(NumaNode node, SplitFolio request, Turn turn) {
        FolioLock lock = new FolioLock(request.head());
        if (request.waits()) {
            turn.lock(lock, true);
        } else if (!turn.tryLock(lock, true)) {
            turn.run(() -> turn.emit(new FolioEvents.SplitSkipped(SplitFailure.LOCKED)));
            return SplitOutcome.LOCKED;
        }
        SplitOutcome refused = turn.step(() -> {
            Folio folio = node.folios.get(request.head());
            if (folio == null || folio.order() != request.order()) {
                return SplitOutcome.GONE;
            }
            if (request.unless() == Unless.SHARED && SharedUser.MADVISE.isShared(node, folio, 1, turn)) {
                return SplitOutcome.SHARED;
            }
            if (request.unless() == Unless.HELD && folio.references() - folio.cacheReferences() != folio.mapcount()) {
                return SplitOutcome.REFERENCED;
            }
            turn.emit(new FolioEvents.Got(request.head(), folio.pages(), 0));
            return null;
        });
        if (refused != null) {
            return refused;
        }
        SplitOutcome outcome = splitHeld(node, request.head(), request.newOrder(), request.page(), false, turn);
        turn.run(() -> turn.emit(new FolioEvents.Put(FrameRuns.of(request.head(), node.folios.get(request.head()).pages()), 0)));
        return outcome;
    }

    /**
     * Splits a folio that the caller has locked and holds one reference of. That reference is then one of the first piece.
     *
     * @param newOrder  of the pieces
     * @param page      index of the page around which to split, or -1 for pieces of equal size
     * @param toReclaim the folio is isolated: pieces that are mapped stay so, each with a reference
     */
    static SplitOutcome splitHeld(NumaNode node, long head, int newOrder, int page, boolean toReclaim, Turn turn) {
        Folio folio = turn.step(() -> node.folios.get(head));
        if (!isSplittable(folio, newOrder, page)) {
            return SplitOutcome.INVALID;
        }
        List<Piece> pieces = turn.step(() -> PagePins.keepTogether(node, head, folio, pieces(head, folio.order(), newOrder, page, folio.isAnon()), turn));
        SplitOutcome refused = turn.step(() -> refuse(node, head, folio.order(), pieces, turn));
        if (refused != null) {
            return refused;
        }
        RmapWalk.Action unmap = folio.isAnon() ? RmapWalk.ToMigration.OF_PIECES : new RmapWalk.UnmapFile(true);
        RmapWalks.walk(folio.mapping(), head, folio.pages(), folio.order(), folio.indexDelta(), unmap, turn);
        boolean split = folio.has(Folio.CACHED)
                ? turn.ask(OwnerId.of(folio.mapping()), new CommitSplit(head, folio.order(), byFilePage(folio, pieces)))
                : turn.step(() -> commit(node, head, folio.order(), pieces, turn));
        if (folio.isAnon()) {
            RmapWalk.FromMigration back = split ? new RmapWalk.FromMigration(pieces, turn.step(() -> zeroFilled(node, pieces)), List.of())
                    : new RmapWalk.FromMigration(List.of(new Piece(head, folio.pages(), folio.order())), FrameRuns.NONE, List.of());
            RmapWalks.walk(folio.mapping(), head, folio.pages(), folio.order(), folio.indexDelta(), back, turn);
        }
        if (split) {
            turn.run(() -> release(node, head, folio.pages(), toReclaim, turn));
        }
        return split ? SplitOutcome.SPLIT : SplitOutcome.REFERENCED;
    }

    /** R8.1. */
    private static boolean isSplittable(Folio folio, int newOrder, int page) {
        boolean truncated = !folio.isAnon() && !folio.has(Folio.CACHED);
        if (newOrder >= folio.order() || newOrder < 0 || truncated) {
            return false;
        }
        if (folio.isAnon() && newOrder == 1) {
            return false;
        }
        return !folio.has(Folio.SWAPCACHE) || newOrder == 0 && page < 0;
    }

    /** The early check: fails, and counts that, if anything but its mappings, caches and the caller refers to the folio (R8.2). */
    private static SplitOutcome refuse(NumaNode node, long head, int order, List<Piece> pieces, Turn turn) {
        if (node.folios.get(head).has(Folio.WRITEBACK)) {
            turn.emit(new FolioEvents.SplitSkipped(SplitFailure.WRITEBACK));
            return SplitOutcome.INVALID;
        }
        PassingReferences.meet(node, head, turn);
        Folio folio = node.folios.get(head);
        boolean pinned = folio.pins() > 0 && (pieces.get(0).order() == order || !PagePins.areKnown(node, folio));
        if (!pinned && folio.references() - folio.cacheReferences() - folio.mapcount() == 1 + (folio.isLarge() ? folio.pins() : 0)) {
            return null;
        }
        turn.emit(new FolioEvents.SplitFailed(order, folio.pins() > 0 ? SplitFailure.PINNED : SplitFailure.SPEC));
        return folio.pins() > 0 ? SplitOutcome.PINNED : SplitOutcome.REFERENCED;
    }

    /** {@code folio_ref_freeze()} and the split itself (R8.4, R8.5). */
    private static boolean commit(NumaNode node, long head, int order, List<Piece> pieces, Turn turn) {
        Folio folio = node.folios.get(head);
        boolean pinned = folio.pins() > 0 && !PagePins.areKnown(node, folio);
        if (pinned || folio.references() - folio.cacheReferences() != 1 + folio.pins()) {
            turn.emit(new FolioEvents.SplitFailed(order, SplitFailure.RACE));
            return false;
        }
        turn.emit(new FolioEvents.Split(head, pieces));
        turn.chargeStall(LatencyKind.SPLIT, turn.context().costs().splitFolio());
        if (folio.has(Folio.SWAPCACHE)) {
            turn.send(new SwapId(), new SwapCommand.SplitCache(head + folio.swapDelta(), folio.pages()));
        }
        return true;
    }

    /** The same for a folio of the page cache, whose lock the cache holds meanwhile. */
    static Boolean splitCached(NumaNode node, SplitCached request, Turn turn) {
        List<Piece> pieces = new ArrayList<>();
        PageRuns runs = request.pieces();
        for (int i = 0; i < runs.size(); i++) {
            pieces.add(new Piece(runs.entry(i).frame(runs.start(i)), runs.count(i), runs.entry(i).order()));
        }
        return commit(node, request.frame(), request.order(), pieces, turn);
    }

    private static PageRuns byFilePage(Folio folio, List<Piece> pieces) {
        PageRuns.Builder runs = PageRuns.builder();
        for (Piece piece : pieces) {
            long index = piece.frame() + folio.indexDelta();
            runs.add(index, piece.pages(), Pte.present(index, piece.frame(), piece.order(), 0));
        }
        return runs.build();
    }

    /** The pieces, ascending; neighbours of equal order in one (R8.8). */
    static List<Piece> pieces(long head, int order, int newOrder, int page, boolean anon) {
        List<Piece> pieces = new ArrayList<>();
        if (page < 0) {
            pieces.add(new Piece(head, PageOrder.pages(order), newOrder));
            return pieces;
        }
        long start = 0;
        List<Piece> after = new ArrayList<>();
        int current = order;
        while (current > newOrder) {
            int next = current - 1 == 1 && anon ? 0 : current - 1;
            long size = PageOrder.pages(next);
            long own = PageOrder.alignDown(page, next);
            long end = start + PageOrder.pages(current);
            if (own > start) {
                pieces.add(new Piece(head + start, own - start, next));
            }
            if (own + size < end) {
                after.add(0, new Piece(head + own + size, end - own - size, next));
            }
            start = own;
            current = next;
        }
        pieces.add(new Piece(head + start, PageOrder.pages(current), current));
        pieces.addAll(after);
        return pieces;
    }

    /** Zero-filled pages for which the zero page may be mapped (R8.6). */
    private static FrameRuns zeroFilled(NumaNode node, List<Piece> pieces) {
        FrameRuns.Builder zero = new FrameRuns.Builder();
        for (Piece piece : pieces) {
            if (piece.order() == 0 && !node.folios.get(piece.frame()).has(Folio.MLOCKED)) {
                node.contents.forEachWithGaps(piece.frame(), piece.frame() + piece.pages(), (start, count, content) -> {
                    if (content == null) {
                        PagePins.unpinned(node, start, count, zero);
                    }
                });
            }
        }
        return zero.build();
    }

    /** Gives up the references of the split: what nobody maps is freed; the first piece stays the caller's (R8.6). Within a step. */
    private static void release(NumaNode node, long head, int pages, boolean toReclaim, Turn turn) {
        FrameRuns.Builder released = new FrameRuns.Builder();
        FrameRuns.Builder cached = new FrameRuns.Builder();
        int first = node.folios.get(head).pages();
        node.folios.forEach(head, head + pages, (start, count, folio) -> {
            long from = Math.max(start, head + first);
            long left = start + count - from;
            if (left <= 0) {
                return;
            }
            if (!toReclaim || !folio.isMapped() && !folio.has(Folio.CACHED)) {
                released.add(from, left);
            }
            if (folio.has(Folio.SWAPCACHE) && !folio.isMapped()) {
                cached.add(from, left);
            }
        });
        turn.emit(new FolioEvents.Put(released.build(), 0));
        SwapCacheFreeing.later(node, cached.build(), turn);
    }
}
