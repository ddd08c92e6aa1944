package org.foliofleet.node.mm.pressure;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Shadow;

/** Shadow entries: what swap slots, or pages of a file, remember of the folios that were reclaimed. */
public final class Shadows {
    /** Of pages in a row; {@code age} is relative to the page's number where each has its own. */
    private record Mark(int node, long age, boolean each, boolean workingset) {}

    private final RunMap<Mark> marks = new RunMap<>();

    /** Whether nothing is remembered. */
    public boolean isEmpty() {
        return marks.isEmpty();
    }

    /** Remembers these. */
    public void add(Shadow shadow) {
        marks.set(shadow.at(), shadow.count(), new Mark(shadow.node(), shadow.each() ? shadow.age() - shadow.at() : shadow.age(), shadow.each(),
                shadow.workingset()));
    }

    /** Forgets those of a range. */
    public void clear(long start, long count) {
        if (!marks.isEmpty()) {
            marks.clear(start, count);
        }
    }

    /** Those of a range, ascending. */
    public List<Shadow> of(long start, long count) {
        if (marks.isEmpty()) {
            return List.of();
        }
        List<Shadow> found = new ArrayList<>();
        marks.forEach(start, start + count, (at, pages, mark) ->
                found.add(new Shadow(at, pages, mark.node(), mark.each() ? at + mark.age() : mark.age(), mark.each(), mark.workingset())));
        return List.copyOf(found);
    }

    /** Shadows by frame as those of the places that have the frames' pages, one after the other. */
    public static List<Shadow> moved(List<Shadow> byFrame, FrameRuns frames, FrameRuns places) {
        List<Shadow> moved = new ArrayList<>();
        long at = 0;
        for (int i = 0; i < frames.size(); i++) {
            long end = frames.start(i) + frames.count(i);
            for (Shadow shadow : byFrame) {
                if (shadow.at() < end && shadow.at() + shadow.count() > frames.start(i)) {
                    place(shadow.within(frames.start(i), end), at - frames.start(i), places, moved);
                }
            }
            at += frames.count(i);
        }
        return List.copyOf(moved);
    }

    private static void place(Shadow shadow, long delta, FrameRuns places, List<Shadow> moved) {
        long first = 0;
        for (int i = 0; i < places.size(); i++) {
            long from = Math.max(shadow.at() + delta, first);
            long to = Math.min(shadow.at() + shadow.count() + delta, first + places.count(i));
            if (from < to) {
                moved.add(shadow.within(from - delta, to - delta).movedTo(places.start(i) + from - first));
            }
            first += places.count(i);
        }
    }
}
