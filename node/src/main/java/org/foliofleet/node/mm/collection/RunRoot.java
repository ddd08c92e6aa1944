package org.foliofleet.node.mm.collection;

/**
 * Where the runs of a collection are: nowhere; here, as long as there is only one, because most collections never have
 * more; in one leaf; or in leaves with a directory.
 */
abstract class RunRoot {
    /** The directory; null while one leaf is enough. */
    RunIndex index;
    /** Without a directory: the leaf with all runs, or the value of the single run; null if there are none. */
    Object only;
    /** Counts edits, so that a change during a walk is noticed. */
    int changes;
    /** The single run, while there is just one. */
    long singleStart;
    long singleEnd;

    /** Whether no key is covered. */
    public final boolean isEmpty() {
        return only == null && index == null;
    }

    /** Whether there is one run, and it is held here. */
    final boolean isSingle() {
        return only != null && !(only instanceof RunLeaf);
    }

    final int leafCount() {
        return index != null ? index.count() : only != null ? 1 : 0;
    }

    /** A leaf, for reading; edits of the leaf of a single run would be lost, and need {@link #unfold} first. */
    final RunLeaf leaf(int number) {
        return index != null ? index.leaf(number) : only instanceof RunLeaf leaf ? leaf : singleLeaf();
    }

    private RunLeaf singleLeaf() {
        RunLeaf leaf = new RunLeaf(1);
        leaf.replace(0, 0, 1);
        leaf.set(0, singleStart, singleEnd, only);
        return leaf;
    }

    /** Moves a single run into a leaf, which takes edits; whoever edits ends with {@link #fold}. */
    final void unfold() {
        if (isSingle()) {
            only = singleLeaf();
        }
    }

    /** Gives up a leaf that has fewer than two runs. */
    final void fold() {
        if (only instanceof RunLeaf leaf && leaf.count() < 2) {
            if (leaf.count() == 0) {
                only = null;
            } else {
                holdSingle(leaf.start(0), leaf.end(0), leaf.value(0));
            }
        }
    }

    final void holdSingle(long start, long end, Object value) {
        singleStart = start;
        singleEnd = end;
        only = value;
    }

    /** What {@link RunStore#overwrite} does to a single run if one run or none comes out of it. */
    final Outcome overwriteSingle(long start, long end, Object value) {
        if (RunStore.same(only, value)) {
            if (start >= singleStart && end <= singleEnd) {
                return Outcome.SAME;
            }
            if (start > singleEnd || end < singleStart) {
                return Outcome.MORE_RUNS;
            }
            singleStart = Math.min(start, singleStart);
            singleEnd = Math.max(end, singleEnd);
        } else if (start <= singleStart && end >= singleEnd) {
            holdSingle(start, end, value);
        } else if (value != null) {
            return Outcome.MORE_RUNS;
        } else if (start >= singleEnd || end <= singleStart) {
            return Outcome.SAME;
        } else if (start <= singleStart) {
            singleStart = end;
        } else if (end >= singleEnd) {
            singleEnd = start;
        } else {
            return Outcome.MORE_RUNS;
        }
        changes++;
        return Outcome.CHANGED;
    }

    /** What became of a single run. */
    enum Outcome {
        /** Nothing had to change. */
        SAME,
        CHANGED,
        /** Nothing was done yet: there will be several runs. */
        MORE_RUNS
    }
}
