package org.foliofleet.node.mm.collection;

import java.util.ConcurrentModificationException;

/**
 * The runs behind {@link RunMap} and {@link RunSet}: a single run, or leaves in ascending order, with a directory once
 * there is more than one. Between calls the runs are maximal (neighbours that touch differ in value), a leaf without a
 * directory has at least two runs, no leaf is empty, and the directory knows the first key of every leaf.
 */
abstract class RunStore extends RunRoot {
    /** The leaf that holds the key or would take it; there must be a leaf. */
    final int leafFor(long key) {
        return index != null ? index.find(key) : 0;
    }

    /** Number of keys covered. */
    public final long size() {
        return index != null ? index.size : only instanceof RunLeaf leaf ? leaf.covered() : only != null ? singleEnd - singleStart : 0;
    }

    /** Number of maximal runs. */
    public final int runs() {
        return index != null ? index.runs : only instanceof RunLeaf leaf ? leaf.count() : only != null ? 1 : 0;
    }

    /** The smallest covered key, or {@link Long#MAX_VALUE} if there is none. */
    public final long firstKey() {
        return isEmpty() ? Long.MAX_VALUE : isSingle() ? singleStart : leaf(0).firstStart();
    }

    /** The largest covered key, or {@link Long#MIN_VALUE} if there is none. */
    public final long lastKey() {
        return isEmpty() ? Long.MIN_VALUE : isSingle() ? singleEnd - 1 : leaf(leafCount() - 1).lastEnd() - 1;
    }

    /** Whether no key of the range {@code [start, start + count)} is covered. */
    public final boolean isClear(long start, long count) {
        return nextKey(start) >= end(start, count);
    }

    /** The first covered key that is at least {@code from}, or {@link Long#MAX_VALUE}. */
    public final long nextKey(long from) {
        if (isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (isSingle()) {
            return from < singleEnd ? Math.max(from, singleStart) : Long.MAX_VALUE;
        }
        int number = leafFor(from);
        RunLeaf leaf = leaf(number);
        int run = leaf.firstEndingAfter(from);
        if (run < leaf.count()) {
            return Math.max(from, leaf.start(run));
        }
        return number + 1 < leafCount() ? leaf(number + 1).firstStart() : Long.MAX_VALUE;
    }

    /** The first key that is at least {@code from} and not covered. */
    public final long nextAbsent(long from) {
        if (isEmpty()) {
            return from;
        }
        long key = from;
        int number = leafFor(from);
        int run = leaf(number).firstEndingAfter(from);
        for (int leaves = leafCount(); number < leaves; number++, run = 0) {
            RunLeaf leaf = leaf(number);
            for (; run < leaf.count(); run++) {
                if (leaf.start(run) > key) {
                    return key;
                }
                key = leaf.end(run);
            }
        }
        return key;
    }

    /** Estimated bytes on the heap, without the values themselves. */
    public final long heapBytes() {
        return 40 + (index != null ? index.heapBytes() : only instanceof RunLeaf leaf ? leaf.heapBytes() : 0);
    }

    /** Forgets all runs. */
    public final void clear() {
        changes++;
        only = null;
        index = null;
    }

    /**
     * Gives the keys of {@code [start, end)} a value, or clears them if it is null; joins equal neighbours.
     *
     * @return whether anything changed
     */
    final boolean overwrite(long start, long end, Object value) {
        if (start >= end) {
            return false;
        }
        if (isEmpty()) {
            if (value == null) {
                return false;
            }
            changes++;
            holdSingle(start, end, value);
            return true;
        }
        if (isSingle()) {
            Outcome outcome = overwriteSingle(start, end, value);
            if (outcome != Outcome.MORE_RUNS) {
                return outcome == Outcome.CHANGED;
            }
            unfold();
        }
        int lastLeaf = leafCount() - 1;
        if (value != null && start >= leaf(lastLeaf).lastEnd()) {
            append(lastLeaf, start, end, value);
            return true;
        }
        // The runs from (number, run) up to (lastNumber, lastRun) give way to: what remains of a run cut at the left,
        // [from, to) if there is a value, and what remains of a run cut at the right.
        int number = leafFor(start);
        RunLeaf leaf = leaf(number);
        int run = leaf.firstEndingAfter(start);
        long from = start;
        long to = end;
        long leftStart = start;
        Object left = null;
        if (run < leaf.count() && leaf.start(run) <= start && leaf.end(run) >= end && same(leaf.value(run), value)) {
            return false;
        }
        if (value != null && leaf.replaceWhole(run, start, end, value)) {
            changes++;
            return true;
        }
        if (run < leaf.count() && leaf.start(run) < start) {
            if (same(leaf.value(run), value)) {
                from = leaf.start(run);
            } else {
                left = leaf.value(run);
                leftStart = leaf.start(run);
            }
        } else if (value != null) {
            if (run == 0 && number > 0) {
                RunLeaf before = leaf(number - 1);
                if (before.lastEnd() == start && same(before.value(before.count() - 1), value)) {
                    leaf = before;
                    number--;
                    run = before.count();
                }
            }
            if (run > 0 && leaf.end(run - 1) == start && same(leaf.value(run - 1), value)) {
                from = leaf.start(--run);
            }
        }
        int lastNumber = index != null && number + 1 < index.count() && index.first(number + 1) <= end
                ? leafFor(end) : number;
        RunLeaf last = leaf(lastNumber);
        int lastRun = last.firstEndingAfter(end, lastNumber == number ? run : 0);
        long rightEnd = end;
        Object right = null;
        if (lastRun < last.count() && last.start(lastRun) <= end) {
            if (same(last.value(lastRun), value)) {
                to = last.end(lastRun++);
            } else if (last.start(lastRun) < end) {
                right = last.value(lastRun);
                rightEnd = last.end(lastRun++);
            }
        }
        if (value == null && (lastNumber == number ? lastRun == run
                : lastNumber == number + 1 && lastRun == 0 && run == leaf.count())) {
            return false;
        }
        changes++;
        int room = (left != null ? 1 : 0) + (value != null ? 1 : 0) + (right != null ? 1 : 0);
        if (index != null) {
            countRemoved(number, run, lastNumber, lastRun);
            index.runs += room;
            index.size += (left != null ? start - leftStart : 0) + (value != null ? to - from : 0)
                    + (right != null ? rightEnd - end : 0);
        }
        boolean atEnd = run == leaf.count();
        leaf.replace(run, lastNumber == number ? lastRun : leaf.count(), room);
        int at = run;
        if (left != null) {
            leaf.set(at++, leftStart, start, left);
        }
        if (value != null) {
            leaf.set(at++, from, to, value);
        }
        if (right != null) {
            leaf.set(at, end, rightEnd, right);
        }
        if (lastNumber != number) {
            last.replace(0, lastRun, 0);
            int drop = last.count() == 0 ? lastNumber + 1 : lastNumber;
            index.remove(number + 1, drop);
            if (drop == lastNumber) {
                index.refresh(number + 1);
                if (last.count() < RunLeaf.MAX_RUNS / 8) {
                    compact(number, number + 2);
                }
            }
        }
        settle(number, atEnd);
        return true;
    }

    private void append(int number, long start, long end, Object value) {
        changes++;
        RunLeaf leaf = leaf(number);
        int at = leaf.count();
        if (index != null) {
            index.size += end - start;
        }
        if (leaf.lastEnd() == start && same(leaf.value(at - 1), value)) {
            leaf.setEnd(at - 1, end);
            return;
        }
        if (at == RunLeaf.MAX_RUNS) {
            appendLeaf(start, end, value);
            return;
        }
        leaf.replace(at, at, 1);
        leaf.set(at, start, end, value);
        if (index != null) {
            index.runs++;
        }
    }

    /** Adds a leaf of one run behind a full one: whoever fills a collection in ascending order gets full leaves. */
    private void appendLeaf(long start, long end, Object value) {
        boolean counted = index != null;
        needIndex();
        RunLeaf next = new RunLeaf(RunLeaf.MAX_RUNS / 8);
        next.replace(0, 0, 1);
        next.set(0, start, end, value);
        index.insert(index.count(), new RunLeaf[] {next}, 1);
        index.runs++;
        if (!counted) {
            index.size += end - start;
        }
    }

    private void countRemoved(int number, int run, int lastNumber, int lastRun) {
        for (int i = number; i <= lastNumber; i++) {
            RunLeaf leaf = index.leaf(i);
            int begin = i == number ? run : 0;
            int end = i == lastNumber ? lastRun : leaf.count();
            index.runs -= end - begin;
            index.size -= leaf.covered(begin, end);
        }
    }

    /** Cuts the run that holds {@code key - 1} and {@code key}, if one does, for an edit that will make it good. */
    final void cut(long key) {
        if (isEmpty()) {
            return;
        }
        int number = leafFor(key);
        RunLeaf leaf = leaf(number);
        int run = leaf.firstEndingAfter(key);
        if (run == leaf.count() || leaf.start(run) >= key) {
            return;
        }
        changes++;
        unfold();
        leaf = leaf(number);
        long start = leaf.start(run);
        leaf.replace(run, run, 1);
        leaf.set(run, start, key, leaf.value(run + 1));
        leaf.setStart(run + 1, key);
        if (index != null) {
            index.runs++;
        }
        settle(number, false);
    }

    /** After an edit of one leaf: splits it if it has become too large, drops or joins it if too small. */
    private void settle(int number, boolean atEnd) {
        if (number >= leafCount() || isSingle()) {
            return;
        }
        RunLeaf leaf = leaf(number);
        if (leaf.count() > RunLeaf.MAX_RUNS) {
            // Whoever fills a collection in ascending order gets full leaves.
            boolean filling = atEnd && number + 1 == leafCount();
            splitLeaf(number, filling ? RunLeaf.MAX_RUNS : leaf.count() / 2);
        } else if (index == null) {
            fold();
        } else if (leaf.count() < RunLeaf.MAX_RUNS / 8) {
            compact(number, number + 1);
        }
        if (index != null && number < index.count()) {
            index.refresh(number);
        }
    }

    /** Splits a leaf before one of its runs, neither the first nor past the last. */
    final void splitLeaf(int number, int run) {
        needIndex();
        RunLeaf rest = index.leaf(number).splitOff(run);
        index.insert(number + 1, new RunLeaf[] {rest}, 1);
    }

    /** Makes a directory if there is none; for bulk edits, which end with {@link #compact}. */
    final void needIndex() {
        if (index != null) {
            return;
        }
        unfold();
        RunLeaf leaf = (RunLeaf) only;
        index = new RunIndex();
        if (leaf != null) {
            index.insert(0, new RunLeaf[] {leaf}, 1);
            index.runs = leaf.count();
            index.size = leaf.covered();
            only = null;
        }
    }

    /** Drops empty leaves and joins small ones around a range of leaves; gives the directory up if it can. */
    final void compact(int from, int to) {
        if (index == null) {
            fold();
            return;
        }
        index.compact(Math.max(0, from - 1), Math.min(index.count(), to + 1));
        if (index.count() <= 1) {
            only = index.count() == 1 ? index.leaf(0) : null;
            index = null;
            fold();
        }
    }

    /** Takes over leaves, none of them empty, into a store that has none. */
    final void adopt(RunLeaf[] leaves, int number) {
        changes++;
        if (number == 1) {
            only = leaves[0];
            fold();
        } else if (number > 1) {
            index = new RunIndex();
            index.insert(0, leaves, number);
            for (int i = 0; i < number; i++) {
                index.runs += leaves[i].count();
                index.size += leaves[i].covered();
            }
            compact(0, number);
        }
    }

    /** Copies all runs into a store that has none. */
    final void copyTo(RunStore empty) {
        if (isSingle()) {
            empty.changes++;
            empty.holdSingle(singleStart, singleEnd, only);
            return;
        }
        RunLeaf[] copies = new RunLeaf[leafCount()];
        for (int i = 0; i < copies.length; i++) {
            copies[i] = leaf(i).copy();
        }
        empty.adopt(copies, copies.length);
    }

    final void checkUnchanged(int expected) {
        if (changes != expected) {
            throw new ConcurrentModificationException("the runs were changed by the visitor that walks over them");
        }
    }

    static boolean same(Object a, Object b) {
        return a == b || a != null && a.equals(b);
    }

    /** Two stores are equal if they have the same runs. */
    @Override
    public final boolean equals(Object object) {
        if (this == object) {
            return true;
        }
        if (object == null || object.getClass() != getClass()) {
            return false;
        }
        RunStore other = (RunStore) object;
        if (runs() != other.runs()) {
            return false;
        }
        int otherNumber = 0;
        int otherRun = 0;
        for (int number = 0; number < leafCount(); number++) {
            RunLeaf leaf = leaf(number);
            for (int run = 0; run < leaf.count(); run++, otherRun++) {
                if (otherRun == other.leaf(otherNumber).count()) {
                    otherNumber++;
                    otherRun = 0;
                }
                RunLeaf match = other.leaf(otherNumber);
                if (leaf.start(run) != match.start(otherRun) || leaf.end(run) != match.end(otherRun)
                        || !same(leaf.value(run), match.value(otherRun))) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public final int hashCode() {
        int hash = 1;
        for (int number = 0; number < leafCount(); number++) {
            RunLeaf leaf = leaf(number);
            for (int run = 0; run < leaf.count(); run++) {
                hash = 31 * hash + Long.hashCode(leaf.start(run));
                hash = 31 * hash + Long.hashCode(leaf.end(run));
                hash = 31 * hash + leaf.value(run).hashCode();
            }
        }
        return hash;
    }

    /** The runs as {@code {start+count=value, ...}}. */
    @Override
    public final String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int number = 0; number < leafCount(); number++) {
            RunLeaf leaf = leaf(number);
            for (int run = 0; run < leaf.count(); run++) {
                text.append(text.length() > 1 ? ", " : "").append(leaf.start(run)).append('+')
                        .append(leaf.end(run) - leaf.start(run));
                if (!(this instanceof RunSet)) {
                    text.append('=').append(leaf.value(run));
                }
            }
        }
        return text.append('}').toString();
    }

    /** The end of a range given by start and count, which must be neither negative nor beyond the largest key. */
    static long end(long start, long count) {
        long end = start + count;
        if (count < 0 || end < start) {
            throw new IllegalArgumentException("no range of keys: start " + start + ", count " + count);
        }
        return end;
    }
}
