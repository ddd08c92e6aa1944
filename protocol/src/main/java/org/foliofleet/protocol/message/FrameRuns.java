package org.foliofleet.protocol.message;

import java.util.Arrays;

/** Page frames in runs, in the order in which they were handed out. Immutable once built. */
public final class FrameRuns {
    private static final long[] NO_LONGS = {};
    public static final FrameRuns NONE = new FrameRuns();

    private long[] starts = NO_LONGS;
    private long[] counts = NO_LONGS;
    private int size;

    private FrameRuns() {}

    public static FrameRuns of(long start, long count) {
        return new FrameRuns().add(start, count);
    }

    /** Collects runs; a run that follows on joins the one before. */
    public static final class Builder {
        private final FrameRuns runs = new FrameRuns();

        public Builder add(long start, long count) {
            runs.add(start, count);
            return this;
        }

        public FrameRuns build() {
            return runs;
        }
    }

    private FrameRuns add(long start, long count) {
        if (size > 0 && starts[size - 1] + counts[size - 1] == start) {
            counts[size - 1] += count;
            return this;
        }
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, Math.max(1, size * 2));
            counts = Arrays.copyOf(counts, Math.max(1, size * 2));
        }
        starts[size] = start;
        counts[size++] = count;
        return this;
    }

    /** All runs of both, one after the other. */
    public static FrameRuns joined(FrameRuns first, FrameRuns second) {
        FrameRuns joined = new FrameRuns();
        for (FrameRuns part : new FrameRuns[] {first, second}) {
            for (int i = 0; i < part.size; i++) {
                joined.add(part.starts[i], part.counts[i]);
            }
        }
        return joined;
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

    /** Frames in all runs. */
    public long frames() {
        long sum = 0;
        for (int i = 0; i < size; i++) {
            sum += counts[i];
        }
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FrameRuns r && size == r.size && Arrays.equals(starts, 0, size, r.starts, 0, size)
                && Arrays.equals(counts, 0, size, r.counts, 0, size);
    }

    @Override
    public int hashCode() {
        int h = size;
        for (int i = 0; i < size; i++) {
            h = h * 31 + Long.hashCode(starts[i] * 31 + counts[i]);
        }
        return h;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ").append(starts[i]).append('+').append(counts[i]);
        }
        return text.append(']').toString();
    }
}
