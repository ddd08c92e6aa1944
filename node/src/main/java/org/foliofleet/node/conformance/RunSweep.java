package org.foliofleet.node.conformance;

import java.util.List;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * Goes through two lists of runs over the same positions side by side, segment by segment, however the runs are cut.
 *
 * @param <T>   kind of run
 * @param start first position of a run
 * @param end   position after its last
 */
record RunSweep<T>(ToLongFunction<T> start, ToLongFunction<T> end) {

    /** How a segment is covered by one list only. */
    enum Gap {
        /** The other list has a run right before, which ends too early. */
        ENDS_EARLY,
        /** The other list has a run right after, which starts too late. */
        STARTS_LATE,
        /** The other list has nothing near. */
        MISSING
    }

    /** Told of each segment. */
    interface Visitor<T> {
        /** Both have a run over the positions from {@code from} up to, and without, {@code end}. */
        void both(T kernel, T model, long from, long end);

        /** Only one has: {@code run}, of the kernel or else of the model. */
        void one(T run, boolean kernel, long from, long end, Gap gap);
    }

    /** Both lists ascending and without overlaps. */
    void sweep(List<T> kernel, List<T> model, Visitor<T> visitor) {
        TreeSet<Long> cuts = new TreeSet<>();
        for (List<T> runs : List.of(kernel, model)) {
            for (T run : runs) {
                cuts.add(start.applyAsLong(run));
                cuts.add(end.applyAsLong(run));
            }
        }
        int k = 0;
        int m = 0;
        Long from = cuts.isEmpty() ? null : cuts.first();
        for (Long next = from == null ? null : cuts.higher(from); next != null; from = next, next = cuts.higher(next)) {
            k = skip(kernel, k, from);
            m = skip(model, m, from);
            boolean inKernel = covers(kernel, k, from);
            boolean inModel = covers(model, m, from);
            if (inKernel && inModel) {
                visitor.both(kernel.get(k), model.get(m), from, next);
            } else if (inKernel) {
                visitor.one(kernel.get(k), true, from, next, gap(kernel.get(k), model, m, from, next));
            } else if (inModel) {
                visitor.one(model.get(m), false, from, next, gap(model.get(m), kernel, k, from, next));
            }
        }
    }

    private int skip(List<T> runs, int i, long position) {
        int at = i;
        while (at < runs.size() && end.applyAsLong(runs.get(at)) <= position) {
            at++;
        }
        return at;
    }

    private boolean covers(List<T> runs, int i, long position) {
        return i < runs.size() && start.applyAsLong(runs.get(i)) <= position;
    }

    /** {@code other.get(next)} is the first run of the other list that ends after the segment's start. */
    private Gap gap(T run, List<T> other, int next, long from, long end) {
        if (next > 0 && this.end.applyAsLong(other.get(next - 1)) == from && start.applyAsLong(run) < from) {
            return Gap.ENDS_EARLY;
        }
        if (next < other.size() && start.applyAsLong(other.get(next)) == end && this.end.applyAsLong(run) > end) {
            return Gap.STARTS_LATE;
        }
        return Gap.MISSING;
    }
}
