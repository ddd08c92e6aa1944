package org.foliofleet.protocol.message;

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

    /**
     * Pages that were written by one operation.
     *
     * @param count  number of pages
     * @param tag    the content tag, 0 for zero-filled pages
     * @param source page index in the content of the first page, counting up; -1 where it was left out ({@code same})
     */
    public record Run(long count, long tag, long source) {}
}
