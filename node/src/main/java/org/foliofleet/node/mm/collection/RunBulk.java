package org.foliofleet.node.mm.collection;

/** Edits of many runs at once, each linear in the runs it touches. */
final class RunBulk {
    /** Fewer runs than this are absorbed one by one. */
    private static final int FEW_RUNS = 8;

    private RunBulk() {}

    /** Replaces the values of all runs in {@code [start, end)}; see {@link RunMap#transform}. */
    static void transform(RunStore store, long start, long end, RunTransform<Object> change) {
        if (store.isEmpty() || start >= end) {
            return;
        }
        int number = store.leafFor(start);
        RunLeaf leaf = store.leaf(number);
        int run = leaf.firstEndingAfter(start);
        if (run == leaf.count()) {
            if (++number == store.leafCount()) {
                return;
            }
            leaf = store.leaf(number);
            run = 0;
        }
        if (leaf.start(run) >= end) {
            return;
        }
        boolean last = run + 1 == leaf.count() && number + 1 == store.leafCount();
        boolean alone = last || leaf.end(run) >= end || run + 1 < leaf.count() && leaf.start(run + 1) >= end;
        if (alone) {
            long from = Math.max(start, leaf.start(run));
            long to = Math.min(end, leaf.end(run));
            int changes = store.changes;
            Object value = change.apply(from, to - from, leaf.value(run));
            store.checkUnchanged(changes);
            store.overwrite(from, to, value);
            return;
        }
        store.cut(end);
        store.cut(start);
        new Pass(store, end).run(start, change);
    }

    /**
     * One walk over the runs of a range whose borders are cut. What is kept moves down to the place of what is dropped
     * or joined, so a leaf is rewritten at most once.
     */
    private static final class Pass {
        private final RunStore store;
        private final long end;
        /** The last run before the present one; it may lie in an earlier leaf. */
        private RunLeaf previous;
        private int previousRun;
        private int runsDropped;
        private long keysDropped;
        private RuntimeException failure;

        Pass(RunStore store, long end) {
            this.store = store;
            this.end = end;
        }

        void run(long start, RunTransform<Object> change) {
            int first = store.leafFor(start);
            int run = store.leaf(first).firstEndingAfter(start);
            if (run > 0) {
                previous = store.leaf(first);
                previousRun = run - 1;
            } else if (first > 0) {
                previous = store.leaf(first - 1);
                previousRun = previous.count() - 1;
            }
            store.changes++;
            int number = first;
            for (int leaves = store.leafCount(); number < leaves; number++, run = 0) {
                if (!leaf(store.leaf(number), run, change)) {
                    break;
                }
            }
            if (store.index != null) {
                store.index.runs -= runsDropped;
                store.index.size -= keysDropped;
            }
            store.compact(first, number + 1);
            if (failure != null) {
                throw failure;
            }
        }

        /** Returns whether the next leaf has to be looked at, too. */
        private boolean leaf(RunLeaf leaf, int first, RunTransform<Object> change) {
            int changes = store.changes;
            int count = leaf.count();
            int kept = first;
            int run = first;
            boolean more = true;
            for (; run < count && more; run++) {
                long from = leaf.start(run);
                long to = leaf.end(run);
                Object old = leaf.value(run);
                Object value = old;
                if (from >= end) {
                    // The run after the range: unchanged, but it may join the last one of the range.
                    more = false;
                } else if (failure == null) {
                    try {
                        value = change.apply(from, to - from, old);
                        store.checkUnchanged(changes);
                    } catch (RuntimeException thrown) {
                        // The runs must be whole again before anyone sees them.
                        failure = thrown;
                        value = old;
                    }
                }
                if (value == null) {
                    runsDropped++;
                    keysDropped += to - from;
                } else if (previous != null && previous.end(previousRun) == from
                        && RunStore.same(previous.value(previousRun), value)) {
                    runsDropped++;
                    previous.setEnd(previousRun, to);
                } else {
                    if (kept != run) {
                        leaf.set(kept, from, to, value);
                    } else if (value != old) {
                        leaf.setValue(run, value);
                    }
                    previous = leaf;
                    previousRun = kept++;
                }
            }
            if (kept != run) {
                leaf.replace(kept, run, 0);
            }
            return more;
        }
    }

    /** Moves all runs in {@code [start, end)} to a store that has none. */
    static void extract(RunStore store, long start, long end, RunStore empty) {
        if (store.isEmpty() || start >= end) {
            return;
        }
        int first = store.leafFor(start);
        int last = store.leafFor(end - 1);
        RunLeaf[] parts = new RunLeaf[last - first + 1];
        int count = 0;
        for (int number = first; number <= last; number++) {
            RunLeaf leaf = store.leaf(number);
            if (number > first && number < last) {
                parts[count++] = leaf;
                continue;
            }
            int from = number == first ? leaf.firstEndingAfter(start) : 0;
            int to = leaf.count();
            if (number == last) {
                to = leaf.firstEndingAfter(end - 1);
                to += to < leaf.count() && leaf.start(to) < end ? 1 : 0;
            }
            if (from < to) {
                parts[count++] = leaf.copy(from, to);
            }
        }
        if (count == 0) {
            return;
        }
        parts[0].setStart(0, Math.max(start, parts[0].firstStart()));
        RunLeaf tail = parts[count - 1];
        tail.setEnd(tail.count() - 1, Math.min(end, tail.lastEnd()));
        store.overwrite(start, end, null);
        empty.adopt(parts, count);
    }

    /** Adds copies of all runs of another store, which must not overlap those of this one. */
    static void absorb(RunStore store, RunStore other) {
        if (other.isEmpty()) {
            return;
        }
        if (store.isEmpty()) {
            other.copyTo(store);
            return;
        }
        long start = other.firstKey();
        long end = other.lastKey() + 1;
        if (other.runs() >= FEW_RUNS && store.nextKey(start) >= end) {
            insert(store, other, start, end);
            return;
        }
        for (int pass = 0; pass < 2; pass++) {
            for (int number = 0; number < other.leafCount(); number++) {
                RunLeaf leaf = other.leaf(number);
                for (int run = 0; run < leaf.count(); run++) {
                    if (pass == 1) {
                        store.overwrite(leaf.start(run), leaf.end(run), leaf.value(run));
                    } else if (store.nextKey(leaf.start(run)) < leaf.end(run)) {
                        throw new IllegalArgumentException("cannot absorb: key " + store.nextKey(leaf.start(run))
                                + " has a value on both sides; clear it on one of them first");
                    }
                }
            }
        }
    }

    /** Inserts whole leaves into a gap that takes all of them. */
    private static void insert(RunStore store, RunStore other, long start, long end) {
        store.changes++;
        store.needIndex();
        RunIndex index = store.index;
        int at = index.find(start);
        int run = index.leaf(at).firstEndingAfter(start);
        if (run == index.leaf(at).count()) {
            at++;
        } else if (run > 0) {
            store.splitLeaf(at++, run);
        }
        RunLeaf[] copies = new RunLeaf[other.leafCount()];
        for (int i = 0; i < copies.length; i++) {
            copies[i] = other.leaf(i).copy();
        }
        index.insert(at, copies, copies.length);
        index.runs += other.runs();
        index.size += other.size();
        int after = at + copies.length;
        join(index, at);
        join(index, after);
        store.compact(at - 1, after + 1);
    }

    /** Joins the last run before a leaf with its first one if they touch and are equal. */
    private static void join(RunIndex index, int number) {
        if (number == 0 || number == index.count()) {
            return;
        }
        RunLeaf left = index.leaf(number - 1);
        RunLeaf right = index.leaf(number);
        if (left.lastEnd() == right.firstStart() && RunStore.same(left.value(left.count() - 1), right.value(0))) {
            left.setEnd(left.count() - 1, right.end(0));
            right.replace(0, 1, 0);
            index.runs--;
        }
    }
}
