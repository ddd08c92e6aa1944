package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.foliofleet.node.mm.InvariantViolation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link BuddyAllocator} against a set of bits, from which the free blocks are worked out anew each time. */
class BuddyAllocatorModelTest {
    private static final int MAX = BuddyAllocator.MAX_ORDER;

    /** All sets of free frames of a small node; from each of them, every operation. */
    @Test
    void everySetOfFreeFramesOfASmallNodeBehavesLikeTheModel() {
        for (int frames : new int[] {1, 2, 3, 5, 8, 9}) {
            for (int bits = 0; bits < 1 << frames; bits++) {
                BitSet model = BitSet.valueOf(new long[] {bits});
                BuddyAllocator allocator = of(frames, model);
                assertMatches(model, allocator);
                for (int order = 0; order <= 4; order++) {
                    everyAllocation(frames, model, allocator, order);
                }
                everyFree(frames, model, allocator);
            }
        }
    }

    private static void everyAllocation(int frames, BitSet model, BuddyAllocator allocator, int order) {
        assertEquals(allocate((BitSet) model.clone(), order) >= 0, allocator.hasFree(order));
        for (int count = 0; count <= (frames >> order) + 1; count++) {
            BitSet expected = (BitSet) model.clone();
            BuddyAllocator bulk = allocator.copy();
            assertBulkIsLikeSingles(expected, bulk, order, count);
            assertMatches(expected, bulk);
        }
    }

    private static void everyFree(int frames, BitSet model, BuddyAllocator allocator) {
        for (int start = 0; start < frames; start++) {
            for (int count = 0; start + count <= frames; count++) {
                BuddyAllocator freed = allocator.copy();
                int from = start;
                int length = count;
                if (model.get(start, start + count).isEmpty()) {
                    freed.freeRun(start, count);
                    BitSet expected = (BitSet) model.clone();
                    expected.set(start, start + count);
                    assertMatches(expected, freed);
                } else {
                    assertThrows(InvariantViolation.class, () -> freed.freeRun(from, length));
                    assertMatches(model, freed);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} frames, {1} steps, seed {2}")
    @CsvSource({"5000, 2000, 1", "4096, 2000, 2", "1023, 5000, 3", "12000, 1000, 4"})
    void randomOperationsBehaveLikeTheModel(int frames, int steps, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BuddyAllocator allocator = BuddyAllocator.allFree(frames);
        BitSet model = new BitSet();
        model.set(0, frames);
        for (int step = 0; step < steps; step++) {
            try {
                int order = Math.min(random.nextInt(MAX + 1), random.nextInt(MAX + 1));
                switch (random.nextInt(5)) {
                    case 0 -> assertEquals(allocate(model, order), allocator.allocate(order));
                    case 1 -> assertBulkIsLikeSingles(model, allocator, order, random.nextInt(1 + (600 >> order)));
                    default -> freeSomething(model, allocator, random.nextInt(frames), 1 + random.nextInt(100));
                }
                if (step % 20 == 0) {
                    assertMatches(model, allocator);
                }
            } catch (RuntimeException | AssertionError failed) {
                throw new AssertionError("seed " + seed + ", step " + step + ": " + failed.getMessage(), failed);
            }
        }
        assertMatches(model, allocator);
        assertEquals(of(frames, model), allocator);
        for (int frame = model.nextClearBit(0); frame < frames; frame = model.nextClearBit(frame)) {
            freeSomething(model, allocator, frame, 1 + random.nextInt(700));
        }
        assertEquals(BuddyAllocator.allFree(frames), allocator);
    }

    /** Frees what is in use from a frame on, as a run or as a block. */
    private static void freeSomething(BitSet model, BuddyAllocator allocator, int from, int atMost) {
        int start = model.nextClearBit(from);
        int next = model.nextSetBit(start);
        int limit = (int) allocator.frames();
        int count = Math.min(atMost, (next < 0 ? limit : next) - start);
        if (count <= 0) {
            return;
        }
        int order = Math.min(MAX, 31 - Integer.numberOfLeadingZeros(count));
        if (atMost % 2 == 0 && start % (1 << order) == 0) {
            allocator.free(start, order);
            count = 1 << order;
        } else {
            allocator.freeRun(start, count);
        }
        model.set(start, start + count);
        assertTrue(allocator.isFree(start));
    }

    @Test
    void aFreeOfWhatIsFreeOrForeignIsAViolation() {
        BuddyAllocator allocator = BuddyAllocator.allFree(64);
        assertEquals(0, allocator.allocate(3));
        assertThrows(InvariantViolation.class, () -> allocator.free(8, 0));
        assertThrows(InvariantViolation.class, () -> allocator.free(0, 4));
        assertThrows(InvariantViolation.class, () -> allocator.free(2, 2));
        assertThrows(InvariantViolation.class, () -> allocator.freeRun(60, 5));
        assertThrows(InvariantViolation.class, () -> allocator.freeRun(-1, 1));
        assertThrows(InvariantViolation.class, () -> allocator.freeRun(1, Long.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> allocator.allocate(MAX + 1));
        allocator.free(0, 3);
        assertThrows(InvariantViolation.class, () -> allocator.free(0, 3));
        assertEquals(BuddyAllocator.allFree(64), allocator);
    }

    @Test
    void anUntouchedTerabyteIsOneRunAndABulkAllocationOneReport() {
        long frames = 1L << 28;
        BuddyAllocator allocator = BuddyAllocator.allFree(frames);
        assertEquals(frames >> MAX, allocator.freeBlocks(MAX));
        assertTrue(allocator.heapBytes() < 1000, () -> "bytes: " + allocator.heapBytes());
        List<String> runs = new ArrayList<>();
        assertEquals(frames / 2 + 3, allocator.allocate(0, frames / 2 + 3, (frame, count) -> runs.add(frame + "+" + count)));
        assertEquals(List.of("0+" + (frames / 2 + 3)), runs);
        assertEquals(frames / 2 - 3, allocator.freePages());
        assertFalse(allocator.isFree(frames / 2 + 2));
        assertEquals(frames / 2 + 3, allocator.allocate(0));
    }

    private static void assertBulkIsLikeSingles(BitSet model, BuddyAllocator allocator, int order, int count) {
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long frame = allocate(model, order);
            if (frame < 0) {
                break;
            }
            expected.add(frame);
        }
        BuddyAllocator singles = allocator.copy();
        List<Long> one = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            one.add(singles.allocate(order));
        }
        assertEquals(expected, one);
        List<Long> got = new ArrayList<>();
        long[] end = {-1};
        long number = allocator.allocate(order, count, (frame, blocks) -> {
            assertTrue(blocks > 0 && frame != end[0], "runs are maximal");
            for (long block = 0; block < blocks; block++) {
                got.add(frame + (block << order));
            }
            end[0] = frame + (blocks << order);
        });
        assertEquals(expected, got);
        assertEquals(expected.size(), number);
        assertEquals(singles, allocator);
    }

    /** The rule itself: the smallest order that is large enough, the lowest address, the low end. */
    private static long allocate(BitSet free, int order) {
        for (int from = order; from <= MAX; from++) {
            List<Integer> blocks = blocks(free, from);
            if (!blocks.isEmpty()) {
                free.clear(blocks.get(0), blocks.get(0) + (1 << order));
                return blocks.get(0);
            }
        }
        return -1;
    }

    /** First frames of the free blocks of exactly this order. */
    private static List<Integer> blocks(BitSet free, int order) {
        List<Integer> blocks = new ArrayList<>();
        int size = 1 << order;
        for (int frame = 0; frame < free.length(); frame += size) {
            int pair = frame & -(2 * size);
            if (allFree(free, frame, size) && (order == MAX || !allFree(free, pair, 2 * size))) {
                blocks.add(frame);
            }
        }
        return blocks;
    }

    private static boolean allFree(BitSet free, int start, int count) {
        return free.get(start) && free.nextClearBit(start) >= start + count;
    }

    private static BuddyAllocator of(int frames, BitSet free) {
        BuddyAllocator allocator = BuddyAllocator.noneFree(frames);
        free.stream().forEach(frame -> allocator.free(frame, 0));
        return allocator;
    }

    private static void assertMatches(BitSet model, BuddyAllocator allocator) {
        assertEquals(model.cardinality(), allocator.freePages());
        for (int order = 0; order <= MAX; order++) {
            assertEquals(blocks(model, order).size(), allocator.freeBlocks(order), "free blocks of order " + order);
        }
        BitSet all = new BitSet();
        allocator.forEachFree((frame, count) -> all.set((int) frame, (int) (frame + count)));
        assertEquals(model, all);
    }
}
