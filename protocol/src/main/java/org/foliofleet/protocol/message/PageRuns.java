package org.foliofleet.protocol.message;

import java.util.Arrays;

/**
 * Page-table entries in ascending runs, as messages carry them. Immutable once built; neighbouring runs with equal
 * entries are joined as they are added.
 */
public final class PageRuns {
    private static final long[] NO_LONGS = {};
    private static final Pte[] NO_ENTRIES = {};
    public static final PageRuns NONE = new PageRuns();

    private long[] starts = NO_LONGS;
    private long[] counts = NO_LONGS;
    private Pte[] entries = NO_ENTRIES;
    private int size;

    private PageRuns() {}

    public static PageRuns of(long start, long count, Pte entry) {
        return builder().add(start, count, entry).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that has room for a number of runs; more may be added. */
    public static Builder builder(int expected) {
        Builder builder = new Builder();
        if (expected > 0) {
            builder.runs.starts = new long[expected];
            builder.runs.counts = new long[expected];
            builder.runs.entries = new Pte[expected];
        }
        return builder;
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public long start(int run) {
        return starts[run];
    }

    public long count(int run) {
        return counts[run];
    }

    public long end(int run) {
        return starts[run] + counts[run];
    }

    public Pte entry(int run) {
        return entries[run];
    }

    /** Sum of the runs' lengths. */
    public long pages() {
        long pages = 0;
        for (int i = 0; i < size; i++) {
            pages += counts[i];
        }
        return pages;
    }

    /** The page at a position among all pages of the runs; the end of the last run at the position after the last. */
    public long page(long position) {
        long left = position;
        for (int i = 0; i < size; i++) {
            if (left < counts[i] || left == counts[i] && i == size - 1) {
                return starts[i] + left;
            }
            left -= counts[i];
        }
        throw new IndexOutOfBoundsException("position " + position + " in " + this);
    }

    /** The first {@code pages} pages of the runs. */
    public PageRuns first(long pages) {
        if (pages == pages()) {
            return this;
        }
        Builder first = builder();
        long left = pages;
        for (int i = 0; i < size && left > 0; i++) {
            long count = Math.min(left, counts[i]);
            first.add(starts[i], count, entries[i]);
            left -= count;
        }
        return first.build();
    }

    /** These runs and then others, which lie behind them. */
    public PageRuns followedBy(PageRuns others) {
        if (isEmpty() || others.isEmpty()) {
            return isEmpty() ? others : this;
        }
        Builder all = builder();
        for (int i = 0; i < size; i++) {
            all.add(starts[i], counts[i], entries[i]);
        }
        for (int i = 0; i < others.size; i++) {
            all.add(others.starts[i], others.counts[i], others.entries[i]);
        }
        return all.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PageRuns r && size == r.size && Arrays.equals(starts, 0, size, r.starts, 0, size)
                && Arrays.equals(counts, 0, size, r.counts, 0, size) && Arrays.equals(entries, 0, size, r.entries, 0, size);
    }

    @Override
    public int hashCode() {
        int h = size;
        for (int i = 0; i < size; i++) {
            h = h * 31 + Long.hashCode(starts[i]) * 7 + entries[i].hashCode();
        }
        return h;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ").append(starts[i]).append('+').append(counts[i]).append(' ').append(entries[i]);
        }
        return text.append(']').toString();
    }

    /** Collects runs in ascending order. */
    public static final class Builder {
        private PageRuns runs = new PageRuns();

        public Builder add(long start, long count, Pte entry) {
            if (count == 0) {
                return this;
            }
            PageRuns r = runs;
            int last = r.size - 1;
            if (last >= 0 && r.starts[last] + r.counts[last] == start && r.entries[last].equals(entry)) {
                r.counts[last] += count;
                return this;
            }
            if (r.size == r.starts.length) {
                int capacity = Math.max(1, r.size * 2);
                r.starts = Arrays.copyOf(r.starts, capacity);
                r.counts = Arrays.copyOf(r.counts, capacity);
                r.entries = Arrays.copyOf(r.entries, capacity);
            }
            r.starts[r.size] = start;
            r.counts[r.size] = count;
            r.entries[r.size++] = entry;
            return this;
        }

        public boolean isEmpty() {
            return runs.size == 0;
        }

        public PageRuns build() {
            PageRuns built = runs;
            runs = null;
            return built;
        }
    }
}
