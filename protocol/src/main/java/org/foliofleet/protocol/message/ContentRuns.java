package org.foliofleet.protocol.message;

import java.util.ArrayList;
import java.util.List;

/**
 * The contents of consecutive pages.
 *
 * @param runs in page order
 */
public record ContentRuns(List<Run> runs) {
    public static final ContentRuns NONE = new ContentRuns(List.of());

    public ContentRuns {
        runs = List.copyOf(runs);
    }

    /** The contents of {@code count} pages from the page at {@code from} on. */
    public ContentRuns part(long from, long count) {
        List<Run> part = new ArrayList<>();
        long at = 0;
        for (Run run : runs) {
            long low = Math.max(at, from);
            long high = Math.min(at + run.count(), from + count);
            if (high > low) {
                part.add(new Run(high - low, run.tag(), run.source() < 0 ? run.source() : run.source() + low - at));
            }
            at += run.count();
        }
        return new ContentRuns(part);
    }

    /**
     * Pages that were written by one operation.
     *
     * @param count  number of pages
     * @param tag    the content tag, 0 for zero-filled pages
     * @param source page index in the content of the first page, counting up; -1 where it was left out ({@code same})
     */
    public record Run(long count, long tag, long source) {}
}
