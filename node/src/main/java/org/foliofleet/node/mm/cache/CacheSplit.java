package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand.CommitSplit;
import org.foliofleet.protocol.message.AddressSpaceCommand.SplitHuge;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** Splits of folios in a page cache: {@code try_folio_split_to_order()}, and the cache's part of {@code __folio_split()}. */
final class CacheSplit {
    private CacheSplit() {}

    /**
     * Splits a large folio so that the file page begins a folio of its own, order 0. The cache's lock is given up meanwhile.
     *
     * @param waits for the folio lock
     * @return whether it is whole no longer
     */
    static boolean split(long head, CachePage folio, long index, boolean waits, Turn turn) {
        long frame = folio.frame(head);
        turn.unlock(AddressSpace.PAGES_LOCK);
        SplitOutcome outcome = turn.ask(new NumaNodeId(Frame.node(frame)),
                new SplitFolio(frame, folio.order(), 0, (int) (index - head), waits, Unless.NEVER));
        turn.lock(AddressSpace.PAGES_LOCK, false);
        return outcome == SplitOutcome.SPLIT || outcome == SplitOutcome.GONE;
    }

    /** {@code split_huge_pages_in_file()}: every folio of the range that is larger than the order. */
    static Void splitHuge(AddressSpace space, SplitHuge request, Turn turn) {
        long end = request.range().end();
        for (long index = request.range().start(); index < end;) {
            long from = index;
            long at = turn.step(() -> space.pages.nextKey(from));
            if (at >= end) {
                return null;
            }
            CachePage page = turn.step(() -> space.pages.get(at));
            if (!page.swapped() && page.order() > request.order()) {
                long frame = page.frame(page.head(at));
                int offset = request.offset() < PageOrder.pages(page.order()) ? request.offset() : -1;
                turn.ask(new NumaNodeId(Frame.node(frame)), new SplitFolio(frame, page.order(), request.order(), offset, false, Unless.NEVER));
            }
            index = page.swapped() ? at + 1 : page.next(at);
        }
        return null;
    }

    static Boolean commit(AddressSpace space, CommitSplit request, Turn turn) {
        turn.lock(AddressSpace.PAGES_LOCK, true);
        PageRuns pieces = request.pieces();
        long head = pieces.start(0);
        boolean cached = turn.step(() -> {
            CachePage page = space.pages.get(head);
            return page != null && !page.swapped() && page.frame(head) == request.frame() && page.order() == request.order();
        });
        NumaNodeId node = new NumaNodeId(Frame.node(request.frame()));
        if (!cached || !turn.ask(node, new NumaNodeCommand.SplitCached(request.frame(), request.order(), pieces))) {
            return false;
        }
        turn.run(() -> replace(space, pieces, turn));
        return true;
    }

    /** Puts the pieces into the cache; those that begin beyond the end of the file leave it. Within a step. */
    private static void replace(AddressSpace space, PageRuns pieces, Turn turn) {
        for (int i = 0; i < pieces.size(); i++) {
            Pte entry = pieces.entry(i);
            long start = pieces.start(i);
            boolean uptodate = space.pages.get(start).uptodate();
            CachePage page = new CachePage(entry.delta(), entry.order(), uptodate, false);
            long end = Math.max(start, Math.min(pieces.end(i), PageOrder.alignUp(space.size, entry.order())));
            if (end > start) {
                turn.emit(new CacheEvents.PagesSet(start, end - start, page));
            }
            if (end < pieces.end(i)) {
                CacheMessages.drop(end, pieces.end(i) - end, page, turn);
                turn.emit(new CacheEvents.PagesCleared(end, pieces.end(i) - end));
            }
        }
    }
}
