package org.foliofleet.protocol.message;

import java.util.Arrays;

/**
 * How long faults and stalls took: a histogram for each kind, in which a value of 64 or more is known to three percent. Exact integers,
 * so that sums do not depend on their order.
 *
 * @param cells pairs of a key, ascending, and a count: the kind's number in the high bits, then the bucket, or {@link #SUM}
 * @param open  nanoseconds of stalls that are no part of a fault yet
 */
public record Latencies(long[] cells, long open) {
    /** Buckets of values below this are exact. */
    private static final int EXACT = 64;
    private static final int STEPS = 32;
    private static final int KIND_BITS = 11;
    /** In place of a bucket: the sum of the values. */
    private static final int SUM = (1 << KIND_BITS) - 1;

    public static final Latencies NONE = new Latencies(new long[0], 0);

    /** Is told about each bucket. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * So many values of a kind.
         *
         * @param highest value that falls into the bucket
         */
        void bucket(LatencyKind kind, long highest, long count);
    }

    /** The bucket of a value. */
    private static int bucket(long value) {
        if (value < EXACT) {
            return (int) Math.max(0, value);
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
        return EXACT + (exponent - 6) * STEPS + (int) (value >>> exponent - 5) - STEPS;
    }

    /** The highest value of the bucket in which a value is. */
    public static long highest(long value) {
        return value < EXACT ? Math.max(0, value) : highestOf(bucket(value));
    }

    private static long highestOf(int bucket) {
        if (bucket < EXACT) {
            return bucket;
        }
        int exponent = (bucket - EXACT) / STEPS + 6;
        long step = (bucket - EXACT) % STEPS + STEPS;
        return (step + 1 << exponent - 5) - 1;
    }

    /** These and faults, each of which took that long; stalls that are open are part of the first. */
    public Latencies withFaults(LatencyKind kind, long count, long nanosEach) {
        if (count <= 0) {
            return this;
        }
        Latencies first = open == 0 ? NONE : one(kind, nanosEach + open, 1);
        Latencies others = count == 1 && open != 0 ? NONE : one(kind, nanosEach, open == 0 ? count : count - 1);
        return new Latencies(cells, 0).and(first).and(others);
    }

    /** These and a stall. */
    public Latencies withStall(LatencyKind kind, long nanos) {
        Latencies stall = one(kind, nanos, 1);
        return and(kind == LatencyKind.LOCK ? stall : new Latencies(stall.cells, nanos));
    }

    private static Latencies one(LatencyKind kind, long value, long count) {
        long key = (long) kind.ordinal() << KIND_BITS;
        return new Latencies(new long[] {key | bucket(value), count, key | SUM, value * count}, 0);
    }

    /** These and others. */
    public Latencies and(Latencies other) {
        if (cells.length == 0 && open == 0) {
            return other;
        }
        if (other.cells.length == 0) {
            return other.open == 0 ? this : new Latencies(cells, open + other.open);
        }
        long[] merged = new long[cells.length + other.cells.length];
        int length = 0;
        int i = 0;
        int j = 0;
        while (i < cells.length || j < other.cells.length) {
            long mine = i < cells.length ? cells[i] : Long.MAX_VALUE;
            long its = j < other.cells.length ? other.cells[j] : Long.MAX_VALUE;
            merged[length] = Math.min(mine, its);
            merged[length + 1] = (mine <= its ? cells[i + 1] : 0) + (its <= mine ? other.cells[j + 1] : 0);
            i += mine <= its ? 2 : 0;
            j += its <= mine ? 2 : 0;
            length += 2;
        }
        return new Latencies(length == merged.length ? merged : Arrays.copyOf(merged, length), open + other.open);
    }

    /** What programs keep: waits for locks, the last kind, in nanoseconds, and nothing open. */
    public Latencies inNanos(long tickNanos) {
        int locks = cells.length;
        while (locks > 0 && cells[locks - 2] >> KIND_BITS == LatencyKind.LOCK.ordinal()) {
            locks -= 2;
        }
        Latencies result = new Latencies(locks == cells.length ? cells : Arrays.copyOf(cells, locks), 0);
        for (int i = locks; i < cells.length; i += 2) {
            int bucket = (int) cells[i] & SUM;
            if (bucket != SUM) {
                result = result.and(one(LatencyKind.LOCK, highestOf(bucket) * tickNanos, cells[i + 1]));
            }
        }
        return result;
    }

    public boolean isEmpty() {
        return cells.length == 0;
    }

    /** Sum of the values of a kind. */
    public long sum(LatencyKind kind) {
        long key = (long) kind.ordinal() << KIND_BITS | SUM;
        for (int i = 0; i < cells.length; i += 2) {
            if (cells[i] == key) {
                return cells[i + 1];
            }
        }
        return 0;
    }

    /** Visits all buckets, kind by kind, ascending. */
    public void forEach(Visitor visitor) {
        for (int i = 0; i < cells.length; i += 2) {
            int bucket = (int) cells[i] & SUM;
            if (bucket != SUM) {
                visitor.bucket(LatencyKind.of((int) (cells[i] >> KIND_BITS)), highestOf(bucket), cells[i + 1]);
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Latencies latencies && open == latencies.open && Arrays.equals(cells, latencies.cells);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(cells) * 31 + Long.hashCode(open);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEach((kind, highest, count) -> text.append(text.isEmpty() ? "" : ", ").append(count).append(' ').append(kind.word()).append(" of ")
            .append(highest).append(" ns"));
        return text.isEmpty() ? "none" : text.toString();
    }
}
