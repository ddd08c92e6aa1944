package org.foliofleet.node.mm.collection;

import java.util.Arrays;

/**
 * The directory of a collection that has more than one leaf. Two levels are enough: a thousand leaves hold some
 * hundred thousand runs, and a leaf is added or removed only once in many edits.
 */
final class RunIndex {
    private long[] firsts = new long[4];
    private RunLeaf[] leaves = new RunLeaf[4];
    private int count;
    /** Leaves that were found last: whoever walks over one or two places finds them again. */
    private int recent;
    private int former;
    /** Number of runs and of keys in all leaves; kept by those who edit the leaves. */
    int runs;
    long size;

    int count() {
        return count;
    }

    RunLeaf leaf(int number) {
        return leaves[number];
    }

    /** First key of a leaf as the directory has it. */
    long first(int number) {
        return firsts[number];
    }

    /** The last leaf whose first key is at most the key, or 0; mostly one of the last two that were found. */
    int find(long key) {
        if (isIn(recent, key)) {
            return recent;
        }
        if (isIn(former, key)) {
            int found = former;
            former = recent;
            recent = found;
            return found;
        }
        int found = isIn(recent + 1, key) ? recent + 1 : search(key);
        former = recent;
        recent = found;
        return found;
    }

    private boolean isIn(int number, long key) {
        return number < count && firsts[number] <= key && (number + 1 == count || key < firsts[number + 1]);
    }

    private int search(long key) {
        int low = 1;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (firsts[middle] <= key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** Takes over the first key of a leaf whose first run has changed; the leaf must not be empty. */
    void refresh(int number) {
        firsts[number] = leaves[number].firstStart();
    }

    /** Inserts leaves that are not empty, without counting their runs. */
    void insert(int at, RunLeaf[] added, int number) {
        if (count + number > leaves.length) {
            int capacity = Math.max(count + number, leaves.length + (leaves.length >> 1));
            firsts = Arrays.copyOf(firsts, capacity);
            leaves = Arrays.copyOf(leaves, capacity);
        }
        System.arraycopy(firsts, at, firsts, at + number, count - at);
        System.arraycopy(leaves, at, leaves, at + number, count - at);
        System.arraycopy(added, 0, leaves, at, number);
        count += number;
        for (int i = at; i < at + number; i++) {
            refresh(i);
        }
    }

    /** Removes leaves without counting their runs. */
    void remove(int from, int to) {
        if (from == to) {
            return;
        }
        System.arraycopy(firsts, to, firsts, from, count - to);
        System.arraycopy(leaves, to, leaves, from, count - to);
        Arrays.fill(leaves, count - (to - from), count, null);
        count -= to - from;
        if (leaves.length > 8 && count < leaves.length / 4) {
            firsts = Arrays.copyOf(firsts, 2 * count);
            leaves = Arrays.copyOf(leaves, 2 * count);
        }
    }

    /** Drops empty leaves and joins small neighbours among the leaves from {@code from} up to {@code to}. */
    void compact(int from, int to) {
        int kept = from;
        for (int i = from; i < to; i++) {
            RunLeaf leaf = leaves[i];
            if (leaf.count() == 0 || kept > from && joined(leaves[kept - 1], leaf)) {
                continue;
            }
            leaves[kept] = leaf;
            firsts[kept++] = leaf.firstStart();
        }
        remove(kept, to);
    }

    /** Small enough to be worth joining; a joined leaf still has room, so that edits do not split it at once. */
    private static boolean joined(RunLeaf left, RunLeaf right) {
        boolean small = left.count() < RunLeaf.MAX_RUNS / 4 || right.count() < RunLeaf.MAX_RUNS / 4;
        if (small && left.count() + right.count() <= RunLeaf.MAX_RUNS * 3 / 4) {
            left.append(right);
            return true;
        }
        return false;
    }

    /** Estimated bytes on the heap, with the leaves. */
    long heapBytes() {
        long bytes = 40 + (16 + 8L * firsts.length) + ((16 + 4L * leaves.length + 7) & ~7L);
        for (int i = 0; i < count; i++) {
            bytes += leaves[i].heapBytes();
        }
        return bytes;
    }
}
