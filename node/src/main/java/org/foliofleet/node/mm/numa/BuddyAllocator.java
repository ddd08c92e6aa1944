package org.foliofleet.node.mm.numa;

import java.util.Arrays;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.collection.RunSink;

/**
 * The free frames of one NUMA node as blocks of a power of two, aligned to their size: split on allocation, joined with
 * their buddy on free. Models {@code __rmqueue_smallest()} and {@code __free_one_page()} of {@code mm/page_alloc.c}
 * with one zone and one migrate type, and with the free lists kept in ascending order of address instead of the order of
 * use. So the state is a function of the set of free frames: who restores that set has restored the allocator.
 *
 * <p>Blocks of an order are numbered (frame number shifted right by the order) and kept as runs; a node of a terabyte
 * that nobody has touched takes one run.
 */
public final class BuddyAllocator {
    /** The largest order: blocks of 1,024 frames, 4 MiB. */
    public static final int MAX_ORDER = 10;

    private final long frames;
    private final RunSet[] free = new RunSet[MAX_ORDER + 1];
    private long freePages;

    private BuddyAllocator(long frames) {
        if (frames < 0) {
            throw new IllegalArgumentException("no number of frames: " + frames);
        }
        this.frames = frames;
        for (int order = 0; order <= MAX_ORDER; order++) {
            free[order] = new RunSet();
        }
    }

    /** A node with the frames {@code [0, frames)}, all of them free. */
    public static BuddyAllocator allFree(long frames) {
        BuddyAllocator allocator = noneFree(frames);
        allocator.freeRun(0, frames);
        return allocator;
    }

    /** A node with the frames {@code [0, frames)}, all of them in use. */
    public static BuddyAllocator noneFree(long frames) {
        return new BuddyAllocator(frames);
    }

    /**
     * Takes the block with the lowest address among those of the smallest order that is large enough, splits it if it
     * is larger, and hands out its low end.
     *
     * @return the first of {@code 1 << order} frames, or -1 if no block is large enough
     */
    public long allocate(int order) {
        int from = smallestFree(checkOrder(order));
        if (from < 0) {
            return -1;
        }
        long block = free[from].first();
        free[from].remove(block);
        for (int half = from - 1; half >= order; half--) {
            block <<= 1;
            free[half].add(block + 1);
        }
        freePages -= 1L << order;
        return block << order;
    }

    /**
     * Does what {@code count} calls of {@link #allocate(int)} would do one after the other, as far as there are blocks,
     * and reports the blocks in the order of these calls, consecutive blocks together.
     *
     * @param sink gets the first frame of each run of consecutive blocks, and the number of blocks
     * @return the number of blocks allocated, at most {@code count}
     */
    public long allocate(int order, long count, RunSink sink) {
        checkOrder(order);
        long got = 0;
        long runStart = 0;
        long runBlocks = 0;
        while (got < count) {
            int from = smallestFree(order);
            if (from < 0) {
                break;
            }
            // No block of the orders from `order` up to `from` is free. So single allocations would use up the first
            // block of order `from` from its low end to its high end, and then go on with the next one.
            int shift = from - order;
            long first = free[from].first();
            long whole = Math.min(free[from].nextAbsent(first) - first, (count - got + (1L << shift) - 1) >> shift);
            long blocks = Math.min(count - got, whole << shift);
            free[from].remove(first, whole);
            freePages -= whole << from;
            long frame = first << from;
            long end = frame + (blocks << order);
            release(end, ((first + whole) << from) - end);
            if (runBlocks > 0 && frame == runStart + (runBlocks << order)) {
                runBlocks += blocks;
            } else {
                if (runBlocks > 0) {
                    sink.run(runStart, runBlocks);
                }
                runStart = frame;
                runBlocks = blocks;
            }
            got += blocks;
        }
        if (runBlocks > 0) {
            sink.run(runStart, runBlocks);
        }
        return got;
    }

    private int smallestFree(int order) {
        for (int larger = order; larger <= MAX_ORDER; larger++) {
            if (!free[larger].isEmpty()) {
                return larger;
            }
        }
        return -1;
    }

    /**
     * Gives one block back and joins it with its buddies as far as they are free.
     *
     * @param frame the first frame, a multiple of {@code 1 << order}
     * @throws InvariantViolation if a frame of it is free already, or is none of this node
     */
    public void free(long frame, int order) {
        if ((frame & ((1L << checkOrder(order)) - 1)) != 0) {
            throw new InvariantViolation("free of frame " + frame + " as a block of order " + order
                    + ", to which it is not aligned");
        }
        freeRun(frame, 1L << order);
    }

    /**
     * Gives the frames {@code [frame, frame + count)} back, whatever blocks they were allocated as; the outcome is that
     * of freeing them one by one.
     *
     * @throws InvariantViolation if one of them is free already, or is none of this node; nothing is freed then
     */
    public void freeRun(long frame, long count) {
        if (frame < 0 || count < 0 || count > frames || frame > frames - count) {
            throw new InvariantViolation("free of frames " + frame + "+" + count + " in a node of " + frames + " frames");
        }
        long already = firstFree(frame, frame + count);
        if (already >= 0) {
            throw new InvariantViolation("free of frames " + frame + "+" + count + ", of which frame " + already
                    + " is free already");
        }
        release(frame, count);
    }

    /** Cuts a run into aligned blocks from its ends inwards, each joined with a free buddy before the next order. */
    private void release(long frame, long count) {
        freePages += count;
        long low = frame;
        long high = frame + count;
        for (int order = 0; low < high; order++) {
            RunSet blocks = free[order];
            if (order == MAX_ORDER) {
                blocks.add(low, high - low);
                return;
            }
            if ((low & 1) != 0) {
                low += joinsBuddy(blocks, low - 1, low) ? -1 : 1;
            }
            if ((high & 1) != 0 && low < high) {
                high += joinsBuddy(blocks, high, high - 1) ? 1 : -1;
            }
            low >>= 1;
            high >>= 1;
        }
    }

    /** Takes the buddy of a block from its list if it is there, and puts the block on the list if not. */
    private static boolean joinsBuddy(RunSet blocks, long buddy, long block) {
        if (blocks.remove(buddy)) {
            return true;
        }
        blocks.add(block);
        return false;
    }

    /** The first free frame in {@code [start, end)} that one of the lists knows of, or -1. */
    private long firstFree(long start, long end) {
        if (start == end) {
            return -1;
        }
        for (int order = 0; order <= MAX_ORDER; order++) {
            long block = free[order].next(start >> order);
            if (block <= (end - 1) >> order) {
                return Math.max(start, block << order);
            }
        }
        return -1;
    }

    /** Number of frames of the node, free or not. */
    public long frames() {
        return frames;
    }

    /** Number of free frames. */
    public long freePages() {
        return freePages;
    }

    /** Number of free blocks of exactly this order, as in {@code /proc/buddyinfo}. */
    public long freeBlocks(int order) {
        return free[checkOrder(order)].size();
    }

    /** Whether an allocation of this order would succeed: a block of it, or of a larger order, is free. */
    public boolean hasFree(int order) {
        return smallestFree(checkOrder(order)) >= 0;
    }

    /** Whether a frame is free. */
    public boolean isFree(long frame) {
        return firstFree(frame, frame + 1) >= 0;
    }

    /** Visits the free frames as maximal runs in ascending order; this is all of the allocator's state. */
    public void forEachFree(RunSink sink) {
        RunSet all = new RunSet();
        for (int order = 0; order <= MAX_ORDER; order++) {
            int shift = order;
            free[order].forEach((block, count) -> all.add(block << shift, count << shift));
        }
        all.forEach(sink);
    }

    /** An allocator in the same state. */
    public BuddyAllocator copy() {
        BuddyAllocator copy = new BuddyAllocator(frames);
        for (int order = 0; order <= MAX_ORDER; order++) {
            copy.free[order] = free[order].copy();
        }
        copy.freePages = freePages;
        return copy;
    }

    /** Estimated bytes on the heap. */
    public long heapBytes() {
        long bytes = 32 + 64;
        for (RunSet blocks : free) {
            bytes += blocks.heapBytes();
        }
        return bytes;
    }

    private static int checkOrder(int order) {
        if (order < 0 || order > MAX_ORDER) {
            throw new IllegalArgumentException("no order from 0 to " + MAX_ORDER + ": " + order);
        }
        return order;
    }

    /** Two allocators are equal if they have the same frames and the same of them are free. */
    @Override
    public boolean equals(Object object) {
        return object instanceof BuddyAllocator other && frames == other.frames
                && freePages == other.freePages && Arrays.equals(free, other.free);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(frames) + Arrays.hashCode(free);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("free blocks by order:");
        for (RunSet blocks : free) {
            text.append(' ').append(blocks.size());
        }
        return text.toString();
    }
}
