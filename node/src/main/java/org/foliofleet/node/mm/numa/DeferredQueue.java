package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunMap;

/**
 * The deferred split queue: large folios in the order in which they came (R8.12). Each queued folio has a range of
 * positions as long as the folio, so that folios that lie and were queued one after the other share a run.
 */
public final class DeferredQueue {
    /** By position: frame minus position. */
    private final RunMap<Long> byPosition = new RunMap<>();
    /** By frame: position minus frame. */
    private final RunMap<Long> byFrame = new RunMap<>();
    private long nextPosition;
    private long length;
    private long peak;
    private long ever;

    void append(long head, int order, long folios) {
        long pages = folios << order;
        byPosition.set(nextPosition, pages, head - nextPosition);
        byFrame.set(head, pages, nextPosition - head);
        nextPosition += pages;
        length += folios;
        ever += folios;
        peak = Math.max(peak, length);
    }

    void remove(long head, int order) {
        Long toPosition = byFrame.get(head);
        if (toPosition != null) {
            byPosition.clear(head + toPosition, 1L << order);
            byFrame.clear(head, 1L << order);
            length--;
        }
    }

    public boolean contains(long head) {
        return byFrame.get(head) != null;
    }

    /** Pages of the folios in the queue. */
    public long pages() {
        return byFrame.size();
    }

    /** Folios in the queue. */
    public long length() {
        return length;
    }

    /** Position behind the last folio that was ever put on the queue. */
    public long tail() {
        return nextPosition;
    }

    /** Folios that were put on the queue; one that comes again counts again. */
    public long ever() {
        return ever;
    }

    /** Most folios that were ever in the queue. */
    public long peak() {
        return peak;
    }

    public boolean isEmpty() {
        return byFrame.isEmpty();
    }

    /** The position of the first queued folio at or after {@code position}, or -1. */
    public long next(long position) {
        long next = byPosition.nextKey(position);
        return next == Long.MAX_VALUE ? -1 : next;
    }

    /** First frame of the folio queued at that position. */
    public long headAt(long position) {
        return position + byPosition.get(position);
    }
}
