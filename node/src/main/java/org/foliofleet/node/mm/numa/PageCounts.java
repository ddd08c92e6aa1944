package org.foliofleet.node.mm.numa;

import java.util.Arrays;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encodable;
import org.foliofleet.protocol.serial.Encoder;

/**
 * PTE mapcounts of a folio's pages ({@code page->_mapcount + 1}, CONFIG_PAGE_MAPCOUNT), as runs of equal counts.
 * Immutable.
 */
public final class PageCounts implements Encodable {
    private static final PageCounts[] SMALL = new PageCounts[64];

    static {
        for (int i = 0; i < SMALL.length; i++) {
            SMALL[i] = new PageCounts(new int[] {1}, new long[] {i});
        }
    }

    /** First page after each run, ascending; the last is the folio's size. */
    private final int[] ends;
    private final long[] counts;

    private PageCounts(int[] ends, long[] counts) {
        this.ends = ends;
        this.counts = counts;
    }

    /** All pages mapped alike. */
    public static PageCounts uniform(int pages, long count) {
        if (pages == 1 && count >= 0 && count < SMALL.length) {
            return SMALL[(int) count];
        }
        return new PageCounts(new int[] {pages}, new long[] {count});
    }

    public int pages() {
        return ends[ends.length - 1];
    }

    public boolean isUniform() {
        return ends.length == 1;
    }

    public long get(int page) {
        int run = 0;
        while (ends[run] <= page) {
            run++;
        }
        return counts[run];
    }

    /** Sum over all pages. */
    public long sum() {
        long sum = 0;
        int from = 0;
        for (int i = 0; i < ends.length; i++) {
            sum += counts[i] * (ends[i] - from);
            from = ends[i];
        }
        return sum;
    }

    /** Pages with a count above 0: the low part of {@code _nr_pages_mapped}. */
    public int mapped() {
        return mapped(0, pages());
    }

    /** The same of pages {@code [from, to)}. */
    public int mapped(int from, int to) {
        int mapped = 0;
        int start = 0;
        for (int i = 0; i < ends.length; i++) {
            int low = Math.max(start, from);
            int high = Math.min(ends[i], to);
            if (counts[i] > 0 && high > low) {
                mapped += high - low;
            }
            start = ends[i];
        }
        return mapped;
    }

    /** The highest of all. */
    public long max() {
        long max = counts[0];
        for (int i = 1; i < counts.length; i++) {
            max = Math.max(max, counts[i]);
        }
        return max;
    }

    /** Adds {@code change} to the pages {@code [from, to)}. */
    public PageCounts add(int from, int to, long change) {
        if (from == 0 && to == pages() && isUniform()) {
            return uniform(to, counts[0] + change);
        }
        int[] newEnds = new int[ends.length + 2];
        long[] newCounts = new long[ends.length + 2];
        int size = 0;
        int start = 0;
        for (int i = 0; i < ends.length; i++) {
            int end = ends[i];
            for (int at = start; at < end;) {
                boolean inside = at >= from && at < to;
                int next = inside ? Math.min(end, to) : at < from ? Math.min(end, from) : end;
                long value = counts[i] + (inside ? change : 0);
                if (size > 0 && newCounts[size - 1] == value) {
                    newEnds[size - 1] = next;
                } else {
                    newEnds[size] = next;
                    newCounts[size++] = value;
                }
                at = next;
            }
            start = end;
        }
        if (size == 1) {
            return uniform(newEnds[0], newCounts[0]);
        }
        return new PageCounts(Arrays.copyOf(newEnds, size), Arrays.copyOf(newCounts, size));
    }

    /** The counts of pages {@code [from, to)}. */
    public PageCounts slice(int from, int to) {
        PageCounts slice = uniform(to - from, 0);
        int start = 0;
        for (int i = 0; i < ends.length; i++) {
            int low = Math.max(start, from);
            int high = Math.min(ends[i], to);
            if (high > low) {
                slice = slice.add(low - from, high - from, counts[i]);
            }
            start = ends[i];
        }
        return slice;
    }

    public boolean hasNegative() {
        for (long count : counts) {
            if (count < 0) {
                return true;
            }
        }
        return false;
    }

    public boolean isZero() {
        return ends.length == 1 && counts[0] == 0;
    }

    public int runs() {
        return ends.length;
    }

    public int runEnd(int run) {
        return ends[run];
    }

    public long runCount(int run) {
        return counts[run];
    }

    @Override
    public void encodeTo(Encoder out) {
        out.writeLong(ends.length);
        for (int i = 0; i < ends.length; i++) {
            out.writeLong(ends[i]);
            out.writeLong(counts[i]);
        }
    }

    static PageCounts decodeFrom(Decoder in) {
        int runs = in.readSize();
        int[] ends = new int[runs];
        long[] counts = new long[runs];
        for (int i = 0; i < runs; i++) {
            ends[i] = in.readInt();
            counts[i] = in.readLong();
        }
        return runs == 1 ? uniform(ends[0], counts[0]) : new PageCounts(ends, counts);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof PageCounts p && counts[0] == p.counts[0] && Arrays.equals(ends, p.ends) && Arrays.equals(counts, p.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ends) * 31 + Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ends.length; i++) {
            text.append(i == 0 ? "" : " ").append(counts[i]).append("..").append(ends[i]);
        }
        return text.toString();
    }
}
