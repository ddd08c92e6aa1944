package org.foliofleet.node.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Outcome;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.junit.jupiter.api.Test;

/** Goal: MADV_COLLAPSE gives a THP, or the right errno. Method: the conformance cases C9, and every refusal of R9.4, as calls. */
class CollapseTest {
    private final StatementBench bench = new StatementBench();

    /** C9.a. */
    @Test
    void smallPagesBecomeOneThpHoweverFewThereAre() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 write 0 512", "p0 write 700 1");

        assertEquals("ok", bench.run("p0 madvise 0 1024 collapse"));

        assertEquals(Map.of("thp_collapse_alloc", 2L, "2048k.nr_anon", 2L), bench.changes("thp_c", "2048k."));
        assertTrue(bench.isHuge("p0", 0));
        assertTrue(bench.isHuge("p0", 1023));
        assertEquals(3, bench.page("p0", 700).tag());
        assertEquals(0, bench.page("p0", 701).tag());
    }

    /** C9.b. */
    @Test
    void aVmaThatWasNeverTouchedHasNoAnonVma() {
        bench.run("p0 mmap 0 512 rw private anon");

        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));

        bench.run("p0 read 0 512");
        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));
        assertEquals(Map.of(), bench.changes("thp_"));
    }

    /** C9.c. */
    @Test
    void blocksBeforeAnEmptyOneStayCollapsed() {
        bench.run("p0 mmap 0 1536 rw private anon", "p0 write 0 1", "p0 write 1024 1");

        assertEquals("EINVAL", bench.run("p0 madvise 0 1536 collapse"));

        assertTrue(bench.isHuge("p0", 0));
        assertFalse(bench.isHuge("p0", 1024), "an empty block ends the call");
    }

    /** C9.d. */
    @Test
    void aVmaAdvisedAgainstHugePagesIsRefused() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 512", "p0 madvise 0 512 nohugepage");

        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));
    }

    /** C9.e. */
    @Test
    void pagesSharedWithAChildAreCopied() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 512", "p0 fork p1");

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertTrue(bench.isHuge("p0", 0));
        assertFalse(bench.isHuge("p1", 0));
        assertEquals(1, bench.page("p1", 0).mapcount());
        assertEquals(2, bench.page("p1", 0).tag());
    }

    /** C9.f. */
    @Test
    void holesThatUserfaultfdWouldHearOfAreNotFilled() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 511");
        bench.run("p0 uffd-register 0 512 missing");
        assertEquals("EBUSY", bench.run("p0 madvise 0 512 collapse"));

        bench.run("p0 uffd-copy 511 1");
        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));
    }

    /** C9.g. */
    @Test
    void onePageUnderUserfaultfdWriteProtectionForbidsIt() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 512");
        Pte entry = bench.entry("p0", 100);
        bench.change("p0", 0, VmaFlags.UFFD_WP, PageRuns.of(Arena.toPage(100), 1, entry.with(Pte.UFFD_WP)));
        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));

        bench.change("p0", 0, VmaFlags.UFFD_WP, PageRuns.of(Arena.toPage(100), 1, entry));
        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));
    }

    /** C9.h. */
    @Test
    void aThpThatWasSwappedOutIsReadInFirst() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512", "p0 madvise 0 512 pageout");
        bench.changes();

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("pswpin", 512L, "thp_collapse_alloc", 1L, "2048k.nr_anon", 1L), bench.changes("pswp", "thp_c", "2048k."));
        assertTrue(bench.isHuge("p0", 0));
        assertEquals(3, bench.page("p0", 300).tag());
        assertEquals(0, bench.machine().swap().used());
    }

    @Test
    void pagesThatAChildStillHasInSwapComeThroughTheSwapCache() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 512", "p0 fork p1", "p0 madvise 0 512 dontneed");
        bench.run("p1 fork p2", "p2 exit", "p1 madvise 0 512 pageout", "p1 fork p3");

        assertEquals("ok", bench.run("p1 madvise 0 512 collapse"));

        assertTrue(bench.isHuge("p1", 0));
        assertEquals("ok", bench.run("p3 read 0 512"));
        assertEquals(2, bench.page("p3", 511).tag());
        bench.run("p3 exit");
        assertEquals(0, bench.machine().swap().used());
        assertEquals(512, bench.machine().node(0).frames().frames() - bench.machine().node(0).frames().freePages());
    }

    @Test
    void rangesWithoutAWholeBlockAreNothingToDoOrAnError() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 write 0 1024");

        assertEquals("ok", bench.run("p0 madvise 1 511 collapse"), "ends where a block ends");
        assertEquals("ok", bench.run("p0 madvise 512 10 collapse"), "starts where a block starts");
        assertEquals("EINVAL", bench.run("p0 madvise 100 200 collapse"), "inside of one block");
        assertEquals("ENOMEM", bench.run("p0 madvise 512 1024 collapse"), "reaches beyond the VMA");
        assertTrue(bench.isHuge("p0", 512));
    }

    @Test
    void aVmaWithoutAnAlignedBlockIsRefused() {
        bench.run("p0 mmap 1 1000 rw private anon", "p0 write 1 1000");

        assertEquals("EINVAL", bench.run("p0 madvise 512 1 collapse"));
    }

    @Test
    void aBlockThatIsHugeAlreadyCountsAsDone() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 madvise 0 1024 hugepage", "p0 write 0 1", "p0 read 512 1");

        assertEquals("ok", bench.run("p0 madvise 0 1024 collapse"));

        assertEquals(0, bench.changes("thp_collapse_alloc").size());
    }

    @Test
    void guardMarkersFailTheSwapInAfterTheAllocation() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 write 0 1024");
        bench.change("p0", 0, 0, PageRuns.of(Arena.toPage(5), 2, Pte.GUARD_MARKER));

        assertEquals("EINVAL", bench.run("p0 madvise 0 1024 collapse"));

        assertEquals(Map.of("thp_collapse_alloc", 1L), bench.changes("thp_c", "2048k."));
        assertFalse(bench.isHuge("p0", 512), "the call ended with the first block");
        assertEquals(bench.machine().node(0).frames().freePages() + 1022 + 2, bench.machine().node(0).frames().frames(),
                "the THP that was not used went back");
    }

    @Test
    void poisonMarkersFailItToo() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 512");
        bench.change("p0", 0, 0, PageRuns.of(Arena.toPage(5), 1, Pte.POISON_MARKER));

        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));
    }

    @Test
    void writeProtectMarkersAreSeenBeforeTheAllocation() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 write 0 1024");
        bench.change("p0", 0, 0, PageRuns.of(Arena.toPage(5), 1, Pte.UFFD_WP_MARKER));

        assertEquals("EINVAL", bench.run("p0 madvise 0 1024 collapse"));

        assertEquals(Map.of("thp_collapse_alloc", 1L), bench.changes("thp_collapse"), "that of the second block");
        assertTrue(bench.isHuge("p0", 512), "the first is remembered, the second is tried");
    }

    @Test
    void pagesWithoutStructPageAreRefused() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 512");
        bench.change("p0", 0, 0, PageRuns.of(Arena.toPage(5), 1, bench.entry("p0", 5).with(Pte.SPECIAL)));

        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));
    }

    @Test
    void pagesOffTheLruAreTriedAgainLater() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 512");
        PageRuns page = PageRuns.of(Arena.toPage(5), 1, bench.entry("p0", 5));
        bench.machine().request(new NumaNodeId(0), new Collapse.Isolate(page, Limits.MADVISE));
        assertEquals("EAGAIN", bench.run("p0 madvise 0 512 collapse"));

        bench.machine().request(new NumaNodeId(0), new Collapse.PutBack(page));
        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));
    }

    /** C9.l, as far as limits go. */
    @Test
    void khugepagedHasLimits() {
        Limits limits = new Limits(true, 100, 10, 50);
        bench.run("set thp always", "p0 mmap 0 2048 rw private anon");
        bench.run("set mthp 2048k never", "p0 write 0 412", "p0 write 512 411", "p0 write 1024 512", "p0 write 1536 1",
                "set mthp 2048k always");

        assertEquals(Result.SUCCEED, collapse(0, limits), "100 are empty");
        assertEquals(Result.EXCEED_NONE_PTE, collapse(512, limits), "101 are empty");
        bench.run("p0 fork p1");
        assertEquals(Result.EXCEED_SHARED_PTE, collapse(1024, limits), "512 are shared");
        bench.run("p0 write 1074 462");
        assertEquals(Result.SUCCEED, collapse(1024, limits), "50 are shared");
        bench.run("p0 write 1537 411", "set mthp 2048k never");
        assertEquals(Result.VMA_CHECK, collapse(1536, limits), "huge pages are switched off");
    }

    @Test
    void khugepagedWantsSomePagesThatWereUsed() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "set thp never", "p0 write 0 512", "set thp madvise");
        bench.change("p0", 0, 0, PageRuns.of(Arena.toPage(0), 512, bench.entry("p0", 0).without(Pte.YOUNG)));

        assertEquals(Result.LACK_REFERENCED_PAGE, collapse(0, new Limits(true, 511, 64, 256)));
        assertEquals(Result.SUCCEED, collapse(0, Limits.MADVISE));
    }

    @Test
    void theNewThpIsExclusiveAndWritableAndWaitsToBeFoundUnderused() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 3", "p0 madvise 0 512 collapse");

        Pte entry = bench.entry("p0", 0);
        assertTrue(entry.has(Pte.EXCLUSIVE) && entry.has(Pte.WRITE) && entry.has(Pte.DIRTY) && entry.has(Pte.YOUNG));
        assertTrue(bench.machine().node(0).deferredQueue().contains(entry.head(Arena.toPage(0))));
        assertEquals(512, bench.machine().node(0).frames().frames() - bench.machine().node(0).frames().freePages());
    }

    /** The munlocked pages still wait for the LRU in the CPU's batch: 512 is no multiple of 31. */
    @Test
    void mlockedPagesLeaveSomeStranded() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 mlock 0 1024");
        bench.changes();

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("unevictable_pgs_mlocked", 512L, "unevictable_pgs_culled", 512L, "unevictable_pgs_munlocked", 496L,
                "unevictable_pgs_stranded", 16L, "unevictable_pgs_rescued", 512L), bench.changes("unevictable_"));
        assertTrue(bench.flags("p0", 0).contains("mlocked"));
    }

    @Test
    void aLargeFolioIsStrandedWholeAndDrainsWhatWaits() {
        bench.run("p0 mmap 0 512 rw private anon", "set mthp 64k always", "p0 write 0 1", "set mthp 64k never", "p0 mlock 0 512");
        bench.changes();

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("unevictable_pgs_mlocked", 512L, "unevictable_pgs_culled", 512L, "unevictable_pgs_munlocked", 496L,
                "unevictable_pgs_stranded", 16L, "unevictable_pgs_rescued", 512L), bench.changes("unevictable_"));
    }

    @Test
    void pinnedAndReferencedPagesAreTriedAgainLater() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 write 0 1024", "p0 pin a 5 1");
        assertEquals("EAGAIN", bench.run("p0 madvise 0 1024 collapse"));
        assertTrue(bench.isHuge("p0", 512), "the second block is tried all the same");

        assertEquals("ok", bench.run("p0 unpin a", "p0 madvise 0 1024 collapse"));
    }

    @Test
    void aPteMappedThpIsCopiedWithoutBeingPartiallyMappedOnTheWay() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512", "p0 mprotect 0 100 r",
                "p0 mprotect 0 100 rw", "p0 write 3 1");
        long before = bench.page("p0", 0).folioKey();
        bench.changes();

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("thp_collapse_alloc", 1L), bench.changes("thp_c", "2048k."));
        assertTrue(bench.page("p0", 0).folioKey() != before);
    }

    @Test
    void noMemoryForAThpIsSaid() {
        StatementBench small = new StatementBench(Map.of(), 700);
        small.run("p0 mmap 0 512 rw private anon", "p0 write 0 400");

        assertEquals("ENOMEM", small.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("thp_collapse_alloc_failed", 1L), small.changes("thp_"));
    }

    private Result collapse(long index, Limits limits) {
        Outcome outcome = bench.machine().request(bench.machine().namespace().process("p0"),
                new Collapse.Block(Arena.toPage(index), limits, 0));
        return outcome.result();
    }
}
