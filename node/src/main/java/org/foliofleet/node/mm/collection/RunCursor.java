package org.foliofleet.node.mm.collection;

/**
 * A place in a {@link RunMap}: the run, or the gap between two runs, that held the key last looked for. Kept from one
 * look-up to the next, it makes ascending access cheap.
 *
 * @param <V> the values of the map
 */
public final class RunCursor<V> {
    /** How many runs are passed one by one before a search is quicker. */
    private static final int STEPS = 8;

    private RunStore store;
    private int changes;
    private int number;
    private int run;
    private long start;
    private long end;
    private Object value;

    /** First key of the run or gap; the smallest long for the gap before all runs. */
    public long start() {
        return start;
    }

    /** First key after the run or gap; {@link Long#MAX_VALUE} for the gap after all runs. */
    public long end() {
        return end;
    }

    /** The value of the run, or null for a gap. */
    @SuppressWarnings("unchecked") // set from a map of V
    public V value() {
        return (V) value;
    }

    /** Whether a key lies in the run or gap, or is the first one after it: the next look-up will be cheap. */
    public boolean isNear(long key) {
        return start <= key && key <= end && store != null;
    }

    /**
     * Gives the run a new value, if it stays a run of its own and is not at the border of a leaf. All cursors of the map
     * keep their places.
     */
    boolean replace(RunStore target, Object newValue) {
        if (store != target || changes != target.changes || value == null || target.index == null
                || !target.leaf(number).replaceWhole(run, start, end, newValue)) {
            return false;
        }
        value = newValue;
        return true;
    }

    boolean moveTo(RunStore target, long key) {
        if (store != target || changes != target.changes || start > key || !stepTo(key)) {
            search(target, key);
        }
        return value != null;
    }

    private boolean stepTo(long key) {
        if (end > key) {
            if (value != null && store.index != null) {
                // Another cursor may have replaced it.
                value = store.leaf(number).value(run);
            }
            return true;
        }
        if (number == store.leafCount() || store.isSingle()) {
            return false;
        }
        for (int steps = 0; steps < STEPS; steps++) {
            RunLeaf leaf = store.leaf(number);
            if (run < leaf.count() && leaf.end(run) > key) {
                take(key);
                return true;
            }
            if (++run >= leaf.count()) {
                if (number + 1 == store.leafCount()) {
                    return false;
                }
                number++;
                run = 0;
            }
        }
        return false;
    }

    private void search(RunStore target, long key) {
        store = target;
        changes = target.changes;
        number = 0;
        run = 0;
        if (target.isSingle()) {
            takeSingle(key);
            return;
        }
        if (!target.isEmpty()) {
            number = target.leafFor(key);
            run = target.leaf(number).firstEndingAfter(key);
            if (run == target.leaf(number).count()) {
                number++;
                run = 0;
            }
        }
        take(key);
    }

    /** Takes the single run, or the gap on one of its sides. */
    private void takeSingle(long key) {
        boolean before = key < store.singleStart;
        boolean after = key >= store.singleEnd;
        start = before ? Long.MIN_VALUE : after ? store.singleEnd : store.singleStart;
        end = before ? store.singleStart : after ? Long.MAX_VALUE : store.singleEnd;
        value = before || after ? null : store.only;
    }

    /** Takes the run at the place, or the gap before it if that holds the key. */
    private void take(long key) {
        RunLeaf leaf = number < store.leafCount() ? store.leaf(number) : null;
        if (leaf != null && leaf.start(run) <= key) {
            start = leaf.start(run);
            end = leaf.end(run);
            value = leaf.value(run);
            return;
        }
        end = leaf != null ? leaf.start(run) : Long.MAX_VALUE;
        value = null;
        if (run > 0) {
            start = leaf.end(run - 1);
        } else {
            start = number > 0 ? store.leaf(number - 1).lastEnd() : Long.MIN_VALUE;
        }
    }
}
