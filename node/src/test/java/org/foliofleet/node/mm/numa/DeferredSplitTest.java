package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FolioCommand;
import org.junit.jupiter.api.Test;

/** Goal: the deferred split queue holds what R8.12 to R8.15 say. Method: partial unmaps, underused folios, pins, and the shrinker. */
class DeferredSplitTest {
    private static final NumaNodeId NODE = new NumaNodeId(0);
    private final StatementBench bench = new StatementBench();

    private DeferredQueue queue() {
        return bench.machine().node(0).deferredQueue();
    }

    private void thps(int count) {
        bench.run("p0 mmap 0 " + 512 * count + " rw private anon", "p0 madvise 0 " + 512 * count + " hugepage", "p0 write 0 " + 512 * count);
        bench.changes("");
    }

    /** C5.b, C8.b. */
    @Test
    void aPinnedFolioFailsOnceAPassAndStaysQueued() {
        thps(1);
        bench.run("p0 pin a 10 1", "p0 munmap 256 256");
        bench.changes("");

        bench.run("shrink-slab");

        assertEquals(Map.of("thp_split_page_failed", 3L, "2048k.split_failed", 3L), bench.changes("thp_", "2048k."));
        assertEquals(512, queue().pages());
        bench.run("p0 unpin a", "shrink-slab");
        assertEquals(1L, bench.changes("thp_split_page").get("thp_split_page"));
        assertTrue(queue().isEmpty());
        Invariants.quiet(bench.machine());
    }

    @Test
    void wellUsedFoliosLeaveTheQueueAndAreNotLookedAtAgain() {
        bench.run("set khugepaged.max_ptes_none 100");
        thps(2);
        assertEquals(1024, queue().pages(), "queued at birth, as they might be underused");

        bench.run("shrink-slab");

        assertTrue(queue().isEmpty());
        assertEquals(Map.of(), bench.changes("thp_"));
    }

    @Test
    void noFolioIsUnderusedWhenAnyNumberOfZeroPagesMayBe() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 1");

        bench.run("shrink-slab");

        assertTrue(bench.isHuge("p0", 0));
        assertTrue(queue().isEmpty());
    }

    @Test
    void mlockedFoliosAreNotSplitForBeingUnderused() {
        bench.run("set khugepaged.max_ptes_none 0", "p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 1",
                "p0 mlock-onfault 0 512");
        bench.changes("");

        bench.run("shrink-slab");

        assertTrue(bench.isHuge("p0", 0));
        assertEquals(Map.of(), bench.changes("thp_"));
    }

    @Test
    void theOldestComeFirstAndWhatFailsGoesToTheTail() {
        thps(3);
        bench.run("p0 pin a 0 1", "p0 madvise 4 1 dontneed", "p0 madvise 516 1 dontneed", "p0 madvise 1028 1 dontneed");
        bench.changes("");

        assertEquals(1L, bench.machine().request(NODE, new FolioCommand.ScanDeferred(2, 0)), "the first is pinned, the second splits");

        assertEquals(1024, queue().pages());
        long first = queue().headAt(queue().first(0));
        assertEquals(bench.entry("p0", 1024).head(Arena.toPage(1024)), first);
        Invariants.quiet(bench.machine());
    }

    @Test
    void queuedFoliosThatAreFreedLeaveTheQueue() {
        thps(2);
        bench.run("p0 madvise 0 1 dontneed", "p0 munmap 0 512");
        assertEquals(512, queue().pages());
        assertEquals(0L, bench.machine().node(0).statistics().get(9, FolioStat.NR_ANON_PARTIALLY_MAPPED));
    }

    /** R8.3: unmapping page by page passes through "partially mapped". */
    @Test
    void splittingAFolioMappedByAPageTableCountsItAsDeferred() {
        thps(1);
        bench.run("p0 mprotect 0 1 r", "p0 madvise 0 8 cold");

        Map<String, Long> changes = bench.changes("thp_", "2048k.");
        assertEquals(1L, changes.get("2048k.split_deferred"));
        assertEquals(1L, changes.get("thp_split_page"));
        assertFalse(changes.containsKey("2048k.nr_anon_partially_mapped"));
    }
}
