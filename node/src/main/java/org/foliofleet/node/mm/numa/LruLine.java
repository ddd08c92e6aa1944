package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.protocol.message.FrameRuns;

/** One LRU list: frames by position, the oldest first. Folios that lie one after the other and came one after the other share a run. */
final class LruLine {
    /** By position: frame minus position. */
    private final RunMap<Long> frames = new RunMap<>();
    /** After the newest. */
    private long end;
    /** Of the oldest. */
    private long begin;

    /** Frames become the newest; replies the position of the first. */
    long append(long frame, long count) {
        long position = end;
        frames.set(position, count, frame - position);
        end += count;
        return position;
    }

    /** Frames become the oldest; replies the position of the first. */
    long prepend(long frame, long count) {
        begin -= count;
        frames.set(begin, count, frame - begin);
        return begin;
    }

    void remove(long position, long count) {
        frames.clear(position, count);
    }

    long pages() {
        return frames.size();
    }

    /** The oldest frames, at least as many as asked for if there are so many, in their order. */
    FrameRuns oldest(long pages) {
        FrameRuns.Builder oldest = new FrameRuns.Builder();
        long left = pages;
        for (long at = frames.firstKey(); left > 0 && at != Long.MAX_VALUE; at = frames.nextKey(at)) {
            long until = frames.runEnd(at);
            oldest.add(at + frames.get(at), until - at);
            left -= until - at;
            at = until;
        }
        return oldest.build();
    }
}
