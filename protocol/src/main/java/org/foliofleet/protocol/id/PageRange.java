package org.foliofleet.protocol.id;

/**
 * A run of pages {@code [start, start + count)}, as page numbers (byte address or file offset divided by 4 KiB).
 *
 * @param start first page, at least 0
 * @param count number of pages, at least 0
 */
public record PageRange(long start, long count) {
    public PageRange {
        if (start < 0 || count < 0 || start + count < 0) {
            throw new IllegalArgumentException("no page range: start " + start + ", count " + count);
        }
    }

    /** The range of the pages from {@code start} up to, and without, {@code end}. */
    public static PageRange between(long start, long end) {
        return new PageRange(start, end - start);
    }

    /** The first page after the range. */
    public long end() {
        return start + count;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    public boolean contains(long page) {
        return page >= start && page < end();
    }

    public boolean contains(PageRange other) {
        return other.start >= start && other.end() <= end();
    }

    public boolean overlaps(PageRange other) {
        return start < other.end() && other.start < end();
    }

    /** The common part, empty (at the later start) if there is none. */
    public PageRange intersect(PageRange other) {
        long from = Math.max(start, other.start);
        return between(from, Math.max(from, Math.min(end(), other.end())));
    }

    @Override
    public String toString() {
        return start + "+" + count;
    }
}
