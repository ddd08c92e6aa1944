package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.collection.RunMap;

/**
 * The deferred split queues of a node: for each cgroup the large folios that are charged to it, in the order in which they came
 * (R8.12). Each queued folio has a range of positions as long as the folio, so that folios that lie and were queued one after the
 * other share a run. All queues count positions together; above them stands the number of the cgroup.
 */
public final class DeferredQueue {
    private static final int CGROUP_SHIFT = 48;
    private static final long POSITION = (1L << CGROUP_SHIFT) - 1;

    /** By position: frame minus position. */
    private final RunMap<Long> byPosition = new RunMap<>();
    /** By frame: position minus frame. */
    private final RunMap<Long> byFrame = new RunMap<>();
    private long nextPosition;
    private long length;
    private long peak;
    private long ever;

    /** Folios that lie one after the other and are alike join the queue of their cgroup. */
    void append(long head, Folio folio, long folios) {
        long pages = folios << folio.order();
        long position = (long) folio.cgroup() << CGROUP_SHIFT | nextPosition;
        byPosition.set(position, pages, head - position);
        byFrame.set(head, pages, position - head);
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

    /** Pages of the folios in all queues. */
    public long pages() {
        return byFrame.size();
    }

    /** Folios in all queues. */
    public long length() {
        return length;
    }

    /** Behind the last folio that was ever put on a queue. */
    public long tail() {
        return nextPosition;
    }

    /** Folios that were put on a queue; one that comes again counts again. */
    public long ever() {
        return ever;
    }

    /** Most folios that were ever in all queues together. */
    public long peak() {
        return peak;
    }

    public boolean isEmpty() {
        return byFrame.isEmpty();
    }

    /** The position of the first folio on the queue of a cgroup, or -1. */
    public long first(int cgroup) {
        return next((long) cgroup << CGROUP_SHIFT);
    }

    /** The position of the first folio at or after {@code position} on the queue that this is a position of, or -1. */
    public long next(long position) {
        long next = byPosition.nextKey(position);
        return next == Long.MAX_VALUE || next >>> CGROUP_SHIFT != position >>> CGROUP_SHIFT ? -1 : next;
    }

    /** Numbers of the cgroups whose queues are not empty, ascending. */
    public List<Integer> cgroups() {
        List<Integer> cgroups = new ArrayList<>(1);
        for (long next = byPosition.firstKey(); next != Long.MAX_VALUE;) {
            long cgroup = next >>> CGROUP_SHIFT;
            cgroups.add((int) cgroup);
            next = byPosition.nextKey(cgroup + 1 << CGROUP_SHIFT);
        }
        return List.copyOf(cgroups);
    }

    /** As {@link #tail} stood when the folio that has waited longest came, -1 if none waits. */
    public long oldest() {
        long oldest = -1;
        for (int cgroup : cgroups()) {
            long came = first(cgroup) & POSITION;
            oldest = oldest < 0 ? came : Math.min(oldest, came);
        }
        return oldest;
    }

    /** First frame of the folio queued at that position. */
    public long headAt(long position) {
        return position + byPosition.get(position);
    }
}
