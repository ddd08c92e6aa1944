package org.foliofleet.node.mm.collection;

import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.function.Consumer;
import org.foliofleet.protocol.id.Ranged;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encodable;
import org.foliofleet.protocol.serial.Encoder;

/**
 * Disjoint page ranges in ascending order, each an object of its own: what the maple tree does for the VMAs of a
 * process ({@code mt_find()}, {@code vma_next()}, {@code vma_prev()}, {@code vma_iter_store()}). A look-up searches a
 * directory and one leaf; an edit moves at most 64 entries. An entry takes 12 to 18 bytes beyond the object.
 *
 * <p>The start of an entry must not change while it is in the tree; use {@link #replace}, or remove it first. Its end
 * is asked of the object each time, and may change as long as the entries stay disjoint.
 *
 * @param <T> the entries
 */
public final class RangeTree<T extends Ranged> implements Encodable {
    /** Neighbours with no more entries than this in both are joined. */
    private static final int JOINED = RangeLeaf.MAX_ENTRIES * 3 / 4;

    private RangeLeaf[] leaves = new RangeLeaf[1];
    private long[] firsts = new long[1];
    private int leafCount;
    private int size;
    /** Counts edits, so that a change during a walk is noticed. */
    private int changes;

    /** The entry that contains a page, or null. */
    public T find(long page) {
        if (leafCount == 0) {
            return null;
        }
        RangeLeaf leaf = leaves[leafFor(page)];
        int slot = leaf.lastStartingUpTo(page);
        if (slot < 0) {
            return null;
        }
        T entry = entry(leaf, slot);
        return entry.end() > page ? entry : null;
    }

    /** The entry that contains a page, else the first one after it, or null; {@code find_vma()}. */
    public T findOrNext(long page) {
        if (leafCount == 0) {
            return null;
        }
        int number = leafFor(page);
        int slot = leaves[number].lastStartingUpTo(page);
        if (slot >= 0) {
            T entry = entry(leaves[number], slot);
            if (entry.end() > page) {
                return entry;
            }
        }
        return after(number, slot);
    }

    /** The first entry after another one, or null; the other one need not be in the tree. */
    public T next(T entry) {
        if (leafCount == 0) {
            return null;
        }
        int number = leafFor(entry.start());
        return after(number, leaves[number].lastStartingUpTo(entry.start()));
    }

    /** The last entry that lies wholly before a page, or null. */
    public T previous(long page) {
        if (leafCount == 0) {
            return null;
        }
        int number = leafFor(page);
        int slot = leaves[number].lastStartingUpTo(page);
        if (slot < 0) {
            return null;
        }
        T entry = entry(leaves[number], slot);
        return entry.end() <= page ? entry : before(number, slot);
    }

    /** The entry with the lowest pages, or null. */
    public T first() {
        return leafCount == 0 ? null : entry(leaves[0], 0);
    }

    /** The entry with the highest pages, or null. */
    public T last() {
        return leafCount == 0 ? null : entry(leaves[leafCount - 1], leaves[leafCount - 1].count() - 1);
    }

    /** Number of entries. */
    public int size() {
        return size;
    }

    /** Whether there are no entries. */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * Adds an entry.
     *
     * @throws IllegalArgumentException if it overlaps another one, or covers no page
     */
    public void put(T entry) {
        long start = entry.start();
        if (leafCount == 0) {
            checkBetween(null, entry, null);
            insertLeaf(0, new RangeLeaf(start, entry));
        } else {
            int number = leafFor(start);
            int slot = leaves[number].lastStartingUpTo(start);
            checkBetween(slot < 0 ? null : entry(leaves[number], slot), entry, after(number, slot));
            insert(number, slot + 1, start, entry);
        }
        size++;
        changes++;
    }

    /**
     * Removes an entry.
     *
     * @throws IllegalArgumentException if this very object is not in the tree under its start
     */
    public void remove(T entry) {
        int number = leafCount == 0 ? 0 : leafFor(entry.start());
        removeAt(number, slotOf(number, entry));
        size--;
        changes++;
    }

    /**
     * Puts an entry in the place of another one; it may have another range, as far as its neighbours leave room.
     *
     * @throws IllegalArgumentException if the old one is not in the tree, or the new one overlaps a neighbour
     */
    public void replace(T old, T entry) {
        int number = leafCount == 0 ? 0 : leafFor(old.start());
        int slot = slotOf(number, old);
        checkBetween(before(number, slot), entry, after(number, slot));
        leaves[number].set(slot, entry.start(), entry);
        firsts[number] = leaves[number].start(0);
        changes++;
    }

    /** Visits all entries in ascending order; the visitor must not change the tree. */
    public void forEach(Consumer<? super T> visitor) {
        forEach(Long.MIN_VALUE, Long.MAX_VALUE, visitor);
    }

    /** Visits the entries that share a page with {@code [start, end)}, in ascending order. */
    public void forEach(long start, long end, Consumer<? super T> visitor) {
        if (leafCount == 0 || start >= end) {
            return;
        }
        int expected = changes;
        int number = leafFor(start);
        int slot = leaves[number].lastStartingUpTo(start);
        if (slot < 0 || entry(leaves[number], slot).end() <= start) {
            slot++;
        }
        for (; number < leafCount; number++, slot = 0) {
            RangeLeaf leaf = leaves[number];
            for (; slot < leaf.count(); slot++) {
                if (leaf.start(slot) >= end) {
                    return;
                }
                visitor.accept(entry(leaf, slot));
                if (changes != expected) {
                    throw new ConcurrentModificationException("the ranges were changed by the visitor that walks over them");
                }
            }
        }
    }

    /** Removes all entries. */
    public void clear() {
        leaves = new RangeLeaf[1];
        firsts = new long[1];
        leafCount = 0;
        size = 0;
        changes++;
    }

    @Override
    public void encodeTo(Encoder out) {
        out.writeLong(size);
        forEach(out::writeValue);
    }

    /** Takes over what was written, in place of what there is. */
    @SuppressWarnings("unchecked") // only entries of type T were written
    void decodeFrom(Decoder in) {
        clear();
        int entries = in.readSize();
        for (int i = 0; i < entries; i++) {
            put((T) in.readValue());
        }
    }

    /** Estimated bytes on the heap, without the entries themselves. */
    public long heapBytes() {
        long bytes = 32 + (16 + 8L * firsts.length) + ((16 + 4L * leaves.length + 7) & ~7L);
        for (int number = 0; number < leafCount; number++) {
            bytes += leaves[number].heapBytes();
        }
        return bytes;
    }

    /** The last leaf whose first entry starts at the page or before it, or 0. */
    private int leafFor(long page) {
        int low = 1;
        int high = leafCount;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (firsts[middle] <= page) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private T after(int number, int slot) {
        if (slot + 1 < leaves[number].count()) {
            return entry(leaves[number], slot + 1);
        }
        return number + 1 < leafCount ? entry(leaves[number + 1], 0) : null;
    }

    private T before(int number, int slot) {
        if (slot > 0) {
            return entry(leaves[number], slot - 1);
        }
        return number > 0 ? entry(leaves[number - 1], leaves[number - 1].count() - 1) : null;
    }

    private int slotOf(int number, T entry) {
        int slot = number < leafCount ? leaves[number].lastStartingUpTo(entry.start()) : -1;
        if (slot < 0 || leaves[number].entry(slot) != entry) {
            throw new IllegalArgumentException("not an entry: " + text(entry));
        }
        return slot;
    }

    private void checkBetween(T left, T entry, T right) {
        if (entry.start() >= entry.end()) {
            throw new IllegalArgumentException("an entry without pages: " + text(entry));
        }
        if (left != null && left.end() > entry.start()) {
            throw new IllegalArgumentException(text(entry) + " overlaps " + text(left));
        }
        if (right != null && right.start() < entry.end()) {
            throw new IllegalArgumentException(text(entry) + " overlaps " + text(right));
        }
    }

    private String text(T entry) {
        return "[" + entry.start() + ", " + entry.end() + ")";
    }

    private void insert(int number, int slot, long start, T entry) {
        RangeLeaf leaf = leaves[number];
        if (leaf.count() < RangeLeaf.MAX_ENTRIES) {
            leaf.insert(slot, start, entry);
            firsts[number] = leaf.start(0);
        } else if (slot == leaf.count() && number + 1 == leafCount) {
            // Whoever fills the tree upwards, or downwards as mmap() does, gets full leaves.
            insertLeaf(number + 1, new RangeLeaf(start, entry));
        } else if (slot == 0) {
            insertLeaf(number, new RangeLeaf(start, entry));
        } else {
            int half = leaf.count() / 2;
            insertLeaf(number + 1, leaf.splitOff(half));
            boolean right = slot > half;
            insert(right ? number + 1 : number, right ? slot - half : slot, start, entry);
        }
    }

    private void removeAt(int number, int slot) {
        RangeLeaf leaf = leaves[number];
        leaf.remove(slot);
        if (leaf.count() == 0) {
            removeLeaf(number);
            return;
        }
        firsts[number] = leaf.start(0);
        if (leaf.count() > RangeLeaf.MAX_ENTRIES / 4) {
            return;
        }
        if (number + 1 < leafCount && leaf.count() + leaves[number + 1].count() <= JOINED) {
            leaf.append(leaves[number + 1]);
            removeLeaf(number + 1);
        } else if (number > 0 && leaves[number - 1].count() + leaf.count() <= JOINED) {
            leaves[number - 1].append(leaf);
            removeLeaf(number);
        }
    }

    private void insertLeaf(int at, RangeLeaf leaf) {
        if (leafCount == leaves.length) {
            int capacity = leafCount + (leafCount >> 1) + 1;
            leaves = Arrays.copyOf(leaves, capacity);
            firsts = Arrays.copyOf(firsts, capacity);
        }
        System.arraycopy(leaves, at, leaves, at + 1, leafCount - at);
        System.arraycopy(firsts, at, firsts, at + 1, leafCount - at);
        leafCount++;
        leaves[at] = leaf;
        firsts[at] = leaf.start(0);
    }

    private void removeLeaf(int at) {
        leafCount--;
        System.arraycopy(leaves, at + 1, leaves, at, leafCount - at);
        System.arraycopy(firsts, at + 1, firsts, at, leafCount - at);
        leaves[leafCount] = null;
    }

    @SuppressWarnings("unchecked") // only entries of type T are put in
    private T entry(RangeLeaf leaf, int slot) {
        return (T) leaf.entry(slot);
    }
}
