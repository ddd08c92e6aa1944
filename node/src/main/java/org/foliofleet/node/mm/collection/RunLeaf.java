package org.foliofleet.node.mm.collection;

import java.util.Arrays;

/**
 * Up to {@link #MAX_RUNS} consecutive runs. Starts and ends alternate in one array, so that a leaf of one run takes
 * three small objects and a search touches few cache lines.
 */
final class RunLeaf {
    /** A leaf with more runs is split before the edit that caused it returns. */
    static final int MAX_RUNS = 128;
    /** What one edit may add on top: both parts of a run that is cut, and the new run. */
    private static final int MAX_CAPACITY = MAX_RUNS + 3;

    /** Run i covers the keys from {@code bounds[2 * i]} up to, and without, {@code bounds[2 * i + 1]}. */
    private long[] bounds;
    private Object[] values;
    private short count;
    /** Where the last search ended; the next is mostly there or one further. */
    private short near;

    RunLeaf(int capacity) {
        bounds = new long[2 * capacity];
        values = new Object[capacity];
    }

    int count() {
        return count;
    }

    long start(int run) {
        return bounds[2 * run];
    }

    long end(int run) {
        return bounds[2 * run + 1];
    }

    Object value(int run) {
        return values[run];
    }

    long firstStart() {
        return bounds[0];
    }

    long lastEnd() {
        return bounds[2 * count - 1];
    }

    void setStart(int run, long start) {
        bounds[2 * run] = start;
    }

    void setEnd(int run, long end) {
        bounds[2 * run + 1] = end;
    }

    void setValue(int run, Object value) {
        values[run] = value;
    }

    void set(int run, long start, long end, Object value) {
        bounds[2 * run] = start;
        bounds[2 * run + 1] = end;
        values[run] = value;
    }

    /** The first run that ends after the key (it holds the key, or follows it), or {@link #count()}. */
    int firstEndingAfter(long key) {
        int run = near;
        for (int steps = 0; steps < 2; steps++, run++) {
            if (run < count && bounds[2 * run + 1] > key && (run == 0 || bounds[2 * run - 1] <= key)) {
                near = (short) run;
                return run;
            }
        }
        run = firstEndingAfter(key, 0);
        near = (short) run;
        return run;
    }

    /** The same, where the runs before {@code from} are known to end at the key or before it. */
    int firstEndingAfter(long key, int from) {
        int low = from;
        int high = count;
        if (from > 0) {
            // The end of an edit is mostly near its start.
            for (int steps = 0; steps < 3; steps++, low++) {
                if (low == high || bounds[2 * low + 1] > key) {
                    return low;
                }
            }
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bounds[2 * middle + 1] > key) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * Gives a run that is neither first nor last another value, if it has just these bounds and stays apart from its
     * neighbours.
     */
    boolean replaceWhole(int run, long start, long end, Object value) {
        if (run <= 0 || run + 1 >= count || bounds[2 * run] != start || bounds[2 * run + 1] != end) {
            return false;
        }
        if (bounds[2 * run - 1] == start && RunStore.same(values[run - 1], value)
                || bounds[2 * run + 2] == end && RunStore.same(values[run + 1], value)) {
            return false;
        }
        values[run] = value;
        return true;
    }

    /** Number of keys in the runs from {@code from} up to, and without, {@code to}. */
    long covered(int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += bounds[2 * i + 1] - bounds[2 * i];
        }
        return sum;
    }

    long covered() {
        return covered(0, count);
    }

    /** Replaces the runs from {@code from} up to {@code to} by {@code room} runs that the caller has to set. */
    void replace(int from, int to, int room) {
        int newCount = count - (to - from) + room;
        if (newCount > values.length) {
            int grown = values.length < 8 ? values.length + (values.length >> 1) + 1 : 2 * values.length;
            resize(Math.max(newCount, Math.min(MAX_CAPACITY, grown)));
        }
        if (from + room != to && to < count) {
            System.arraycopy(bounds, 2 * to, bounds, 2 * (from + room), 2 * (count - to));
            System.arraycopy(values, to, values, from + room, count - to);
        }
        if (newCount < count) {
            Arrays.fill(values, newCount, count, null);
        }
        count = (short) newCount;
        if (values.length > 8 && count < values.length / 4) {
            resize(count + (count >> 1) + 1);
        }
    }

    private void resize(int capacity) {
        bounds = Arrays.copyOf(bounds, 2 * capacity);
        values = Arrays.copyOf(values, capacity);
    }

    /** Appends all runs of a leaf that follows this one. */
    void append(RunLeaf next) {
        int at = count;
        replace(at, at, next.count);
        System.arraycopy(next.bounds, 0, bounds, 2 * at, 2 * next.count);
        System.arraycopy(next.values, 0, values, at, next.count);
    }

    /** A new leaf with the runs from {@code from} up to {@code to}, with no room to spare. */
    RunLeaf copy(int from, int to) {
        RunLeaf part = new RunLeaf(0);
        part.bounds = Arrays.copyOfRange(bounds, 2 * from, 2 * to);
        part.values = Arrays.copyOfRange(values, from, to);
        part.count = (short) (to - from);
        return part;
    }

    RunLeaf copy() {
        return copy(0, count);
    }

    /** Cuts the leaf off at a run and returns the rest, from that run on. */
    RunLeaf splitOff(int from) {
        RunLeaf rest = copy(from, count);
        replace(from, count, 0);
        if (values.length > count + (count >> 2)) {
            resize(count);
        }
        return rest;
    }

    /** Estimated bytes on the heap, without the values themselves. */
    long heapBytes() {
        return 24 + (16 + 8L * bounds.length) + ((16 + 4L * values.length + 7) & ~7L);
    }
}
