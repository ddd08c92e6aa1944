package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Goal: frames come back in the order that {@code frames-again*} show. Method: pages are freed and allocated by hand. */
class FreedPagesTest {
    private final FreedPages pages = new FreedPages();

    private void free(long from, long count, boolean munlocked) {
        for (long page = from; page < from + count; page++) {
            pages.freed(page, 0, munlocked, -1);
        }
    }

    private List<Long> allocate(int count, boolean mlocked) {
        return LongStream.range(0, count).map(i -> pages.allocate(0, mlocked)).boxed().toList();
    }

    @Test
    void lastFreedIsFirstAllocatedAndThenComesWhatIsNew() {
        free(1, 3, false);
        assertEquals(List.of(3L, 2L, 1L, -1L), allocate(4, false));
    }

    @Test
    void everyOrderOfTheListsOfACpuHasItsOwnAndOthersHaveNone() {
        free(1, 1, false);
        pages.freed(512, 9, false, -1);
        pages.freed(1024, 9, false, -1);
        pages.freed(16, 4, false, -1);
        assertEquals(-1, pages.allocate(4, false));
        assertEquals(1024, pages.allocate(9, false));
        assertEquals(512, pages.allocate(9, false));
        assertEquals(1, pages.allocate(0, false));
    }

    @Test
    void munlockedPagesWaitUntilTheBatchIsFull() {
        free(0, 33, true);
        List<Long> got = allocate(32, true);
        assertEquals(LongStream.range(0, 29).map(i -> 30 - i).boxed().toList(), got.subList(0, 29), "two are held");
        assertEquals(List.of(32L, 31L, 1L), got.subList(29, 32));
    }

    @Test
    void foliosOfSeveralVmasAreFreedByAddress() {
        pages.freed(7, 0, false, 200);
        pages.freed(8, 0, false, 100);
        assertEquals(List.of(7L, 8L), allocate(2, false));
    }

    @Test
    void anOperationKnowsNothingOfWhatOthersFreed() {
        free(1, 3, true);
        pages.clear();
        assertEquals(List.of(-1L), allocate(1, false));
    }
}
