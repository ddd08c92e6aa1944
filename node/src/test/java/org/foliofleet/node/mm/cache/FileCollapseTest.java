package org.foliofleet.node.mm.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.junit.jupiter.api.Test;

/** Goal: memfds collapse as R9.8 to R9.11 say. Method: the conformance cases C9 about files, and refusals, as calls. */
class FileCollapseTest {
    private final StatementBench bench = new StatementBench(Map.of("f", 1024L));

    /** C9.i. */
    @Test
    void smallPagesOfAMemfdBecomeOneFolioMappedByAPmd() {
        bench.run("p0 mmap 0 1024 rw shared memfd:f", "p0 write 0 512");

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("thp_collapse_alloc", 1L, "thp_file_mapped", 1L), bench.changes("thp_", "2048k."));
        assertTrue(bench.isHuge("p0", 0));
        assertEquals(2, bench.page("p0", 511).tag());
        assertTrue(bench.flags("p0", 0).contains("dirty"));
    }

    /** C9.j. */
    @Test
    void aPrivateMappingKeepsItsOwnPagesAndElsewhereTheyDoNotMatter() {
        bench.run("p0 mmap 0 1024 rw private memfd:f", "p0 read 0 1024", "p0 write 700 1");

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"), "the private page is in the other block");
        assertTrue(bench.isHuge("p0", 0));
        assertEquals("EINVAL", bench.run("p0 madvise 512 512 collapse"), "the private page is in this block");
        assertEquals(3, bench.page("p0", 700).tag());
    }

    /** C9.k. */
    @Test
    void theFirstWriteAfterwardsSplitsNothing() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 madvise 0 512 collapse");
        assertFalse(bench.entry("p0", 0).has(Pte.DIRTY));
        bench.changes();

        bench.run("p0 write 9 1");

        assertTrue(bench.isHuge("p0", 0) && bench.entry("p0", 0).has(Pte.DIRTY));
        assertEquals(Map.of(), bench.changes("thp_"));
    }

    private void assertCounts(long references, long mapcount, long entire) {
        Folio folio = bench.machine().node(0).folio(bench.frame("p0", 0));
        assertEquals(references + " " + mapcount + " " + entire, folio.references() + " " + folio.mapcount() + " " + folio.entire());
    }

    /** Trace A.7 of MM-SEMANTICS: 512 PTEs of a cached folio become a PMD. */
    @Test
    void a7AnInstalledPmdTakesTheReferencesOf512Ptes() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 madvise 0 512 collapse", "p0 madvise 0 512 nohugepage",
                "p0 madvise 0 512 dontneed", "p0 read 0 512");
        assertCounts(512 + 512, 512, 0);

        bench.run("p0 madvise 0 512 hugepage", "p0 madvise 0 512 collapse");

        assertCounts(513, 1, 1);
    }

    /** Trace A.6: half of the VMA of a huge folio of a file is locked; its PMD goes, and the locked half is populated by PTEs. */
    @Test
    void a6LockingHalfOfAFileMappingTakesTheReferencesOfItsHalf() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 madvise 0 512 collapse");
        assertCounts(513, 1, 1);

        bench.run("p0 mlock 0 256");

        assertCounts(512 + 256, 256, 0);
        assertFalse(bench.flags("p0", 0).contains("mlocked"), "it goes on beyond the VMA");
    }

    @Test
    void othersLoseTheirTablesAndFaultTheHugeFolioIn() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 fork p1", "p1 read 0 512");

        bench.run("p0 madvise 0 512 collapse");
        assertNull(bench.page("p1", 0));

        bench.run("p1 read 3 1");
        assertTrue(bench.isHuge("p1", 0));
        assertEquals(2, bench.page("p1", 0).mapcount());
    }

    @Test
    void aFolioThatIsHugeAlreadyIsOnlyMapped() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 madvise 0 512 collapse", "p0 madvise 0 512 nohugepage",
                "p0 madvise 0 512 dontneed", "p0 read 0 10", "p0 madvise 0 512 hugepage");
        assertFalse(bench.isHuge("p0", 0));
        bench.changes();

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("thp_file_mapped", 1L), bench.changes("thp_"));
        assertTrue(bench.isHuge("p0", 0));
        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"), "mapped by a PMD: done");
    }

    @Test
    void anEmptyFileHasNothingToCollapse() {
        bench.run("p0 mmap 0 1024 rw shared memfd:f", "p0 write 512 1");

        assertEquals("EINVAL", bench.run("p0 madvise 0 1024 collapse"));

        assertFalse(bench.isHuge("p0", 512), "the first block ended the call");
        assertEquals(Map.of("thp_collapse_alloc", 1L), bench.changes("thp_"), "allocated before the file is looked at again");
    }

    @Test
    void pinnedPagesAreTriedAgainLater() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 pin a 5 1");
        assertEquals("EAGAIN", bench.run("p0 madvise 0 512 collapse"));
        assertEquals(2, bench.page("p0", 511).tag(), "still mapped");

        assertEquals("ok", bench.run("p0 unpin a", "p0 madvise 0 512 collapse"));
    }

    @Test
    void holesThatUserfaultfdWaitsForAreNotFilled() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 500", "p0 fork p1");
        bench.change("p0", 0, VmaFlags.UFFD_MISSING, PageRuns.NONE);
        assertEquals("EBUSY", bench.run("p1 madvise 0 512 collapse"));

        bench.run("p1 write 500 12");
        assertEquals("ok", bench.run("p1 madvise 0 512 collapse"), "no holes");
    }

    @Test
    void whatIsSwappedOutIsReadInFirst() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 madvise 0 100 pageout");
        bench.changes();

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("pswpin", 100L, "thp_collapse_alloc", 1L, "thp_file_mapped", 1L), bench.changes("pswp", "thp_"));
        assertEquals(2, bench.page("p0", 99).tag());
        assertEquals(0, bench.machine().swap().used());
    }

    @Test
    void aVmaWithWriteProtectionByUserfaultfdKeepsItsTable() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512");
        bench.change("p0", 0, VmaFlags.UFFD_WP, PageRuns.NONE);

        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));
    }

    @Test
    void misalignedMappingsAreRefused() {
        bench.run("p0 mmap 0 512 rw shared memfd:f+1", "p0 write 0 512");

        assertEquals("EINVAL", bench.run("p0 madvise 0 512 collapse"));
    }

    @Test
    void sharedMemoryThatIsDeniedHugePagesIsRefused() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512");

        assertEquals("EINVAL", bench.run("set shmem deny", "p0 madvise 0 512 collapse"));
        assertEquals("EINVAL", bench.run("set shmem never", "set shmem_mthp 2048k never", "p0 madvise 0 512 collapse"));
        assertEquals("ok", bench.run("set shmem_mthp 2048k inherit", "p0 madvise 0 512 collapse"), "the global never does not count");
    }

    @Test
    void sharedAnonymousMemoryCollapsesToo() {
        bench.run("p0 mmap 0 512 rw shared anon", "p0 write 0 5");

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));
        assertTrue(bench.isHuge("p0", 511));
    }

    @Test
    void mlockedPagesAreStrandedAndTheNewFolioIsMlocked() {
        bench.run("p0 mmap 0 512 rw shared memfd:f", "p0 mlock 0 512");
        bench.changes();

        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));

        assertEquals(Map.of("unevictable_pgs_stranded", 512L, "unevictable_pgs_mlocked", 512L, "unevictable_pgs_culled", 512L),
                bench.changes("unevictable_"));
    }

    @Test
    void khugepagedLeavesTheMappingToTheNextFault() {
        bench.run("set shmem always", "set mthp 2048k inherit", "p0 mmap 0 512 rw shared memfd:f");
        bench.run("set shmem never", "p0 write 0 400", "set shmem always");
        Collapse.Block block = new Collapse.Block(Arena.toPage(0), new Limits(true, 111, 64, 256), 0);

        assertEquals(Result.EXCEED_NONE_PTE, bench.machine().request(bench.machine().namespace().process("p0"), block).result());
        bench.run("set shmem never", "p0 write 400 1", "set shmem always");
        assertEquals(Result.SUCCEED, bench.machine().request(bench.machine().namespace().process("p0"), block).result());

        assertNull(bench.page("p0", 0));
        bench.run("p0 read 0 1");
        assertTrue(bench.isHuge("p0", 0));
    }
}
