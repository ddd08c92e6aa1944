package org.foliofleet.node.mm.collection;

import java.util.Arrays;

/** Up to {@link #MAX_ENTRIES} consecutive entries of a {@link RangeTree}, with their starts beside them for the search. */
final class RangeLeaf {
    static final int MAX_ENTRIES = 64;

    private long[] starts;
    private Object[] entries;
    private int count;

    RangeLeaf(long start, Object entry) {
        starts = new long[] {start};
        entries = new Object[] {entry};
        count = 1;
    }

    private RangeLeaf(long[] starts, Object[] entries) {
        this.starts = starts;
        this.entries = entries;
        count = entries.length;
    }

    int count() {
        return count;
    }

    long start(int slot) {
        return starts[slot];
    }

    Object entry(int slot) {
        return entries[slot];
    }

    /** The last entry that starts at the page or before it, or -1. */
    int lastStartingUpTo(long page) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (starts[middle] <= page) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    void set(int slot, long start, Object entry) {
        starts[slot] = start;
        entries[slot] = entry;
    }

    void insert(int slot, long start, Object entry) {
        if (count == entries.length) {
            resize(Math.min(MAX_ENTRIES, count + (count >> 1) + 1));
        }
        System.arraycopy(starts, slot, starts, slot + 1, count - slot);
        System.arraycopy(entries, slot, entries, slot + 1, count - slot);
        count++;
        set(slot, start, entry);
    }

    void remove(int slot) {
        count--;
        System.arraycopy(starts, slot + 1, starts, slot, count - slot);
        System.arraycopy(entries, slot + 1, entries, slot, count - slot);
        entries[count] = null;
        if (entries.length > 8 && count < entries.length / 4) {
            resize(count + (count >> 1) + 1);
        }
    }

    /** Cuts the leaf off at a slot and returns the rest; neither has room to spare, because most are not filled again. */
    RangeLeaf splitOff(int slot) {
        RangeLeaf rest = new RangeLeaf(Arrays.copyOfRange(starts, slot, count), Arrays.copyOfRange(entries, slot, count));
        count = slot;
        resize(slot);
        return rest;
    }

    void append(RangeLeaf next) {
        int total = count + next.count;
        if (total > entries.length) {
            resize(total);
        }
        System.arraycopy(next.starts, 0, starts, count, next.count);
        System.arraycopy(next.entries, 0, entries, count, next.count);
        count = total;
    }

    private void resize(int capacity) {
        starts = Arrays.copyOf(starts, capacity);
        entries = Arrays.copyOf(entries, capacity);
    }

    long heapBytes() {
        return 24 + (16 + 8L * starts.length) + ((16 + 4L * entries.length + 7) & ~7L);
    }
}
