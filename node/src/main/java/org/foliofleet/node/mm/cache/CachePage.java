package org.foliofleet.node.mm.cache;

import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Pte;

/**
 * What the page cache holds for a file page, in the form that the pages of a run share.
 *
 * @param delta    frame number, or swap entry, minus file page
 * @param order    order of the folio, or of that which was swapped out
 * @param uptodate PG_uptodate; pages that fallocate made are not, until they are used
 * @param swapped  a swap entry of a shmem page
 */
public record CachePage(long delta, int order, boolean uptodate, boolean swapped) {
    static CachePage folio(long index, long frame, int order, boolean uptodate) {
        return new CachePage(frame - index, order, uptodate, false);
    }

    /** Can be mapped without further ado. */
    boolean isReady() {
        return uptodate && !swapped;
    }

    /** Frame or swap entry. */
    long frame(long index) {
        return index + delta;
    }

    /** First file page of the folio that holds the file page. */
    long head(long index) {
        return PageOrder.alignDown(index, order);
    }

    /** First file page after that folio. */
    long next(long index) {
        return head(index) + PageOrder.pages(order);
    }

    CachePage withUptodate() {
        return new CachePage(delta, order, true, swapped);
    }

    CachePage withOrder(int newOrder) {
        return new CachePage(delta, newOrder, uptodate, swapped);
    }

    /** The folio's pages as messages to its node name them: by file page. */
    Pte entry() {
        return new Pte(Pte.State.PRESENT, delta, order, 0);
    }
}
