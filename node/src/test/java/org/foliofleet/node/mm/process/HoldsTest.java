package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.numa.Folio;
import org.junit.jupiter.api.Test;

/** Goal: pins and references keep folios, count as in the kernel, and fail with its errors. Method: the cases C1.d, C1.e, C5 and single calls. */
class HoldsTest {
    private final StatementBench bench = new StatementBench();

    private void thp() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
        bench.changes("");
    }

    private Folio folio(long index) {
        return bench.machine().node(0).folio(bench.frame("p0", index));
    }

    /** C1.d. */
    @Test
    void aRegisteredBufferKeepsOnePinOfEachLargeFolio() {
        thp();

        bench.run("p0 pin a 0 512");

        assertEquals(1, folio(0).pins());
        assertEquals(2, folio(0).references());
        bench.run("p0 unpin a");
        assertEquals(0, folio(0).pins());
    }

    /** io_check_coalesce_buffer(): a buffer of folios that differ in size is not coalesced. */
    @Test
    void aBufferOfUnlikeFoliosPinsEveryPage() {
        bench.run("p0 mmap 0 520 rw private anon", "p0 madvise 0 520 hugepage", "p0 write 0 520", "p0 pin a 500 20");

        assertEquals(12, folio(500).pins());
        assertEquals(1, folio(512).pins());
        assertEquals(1 + 1024, folio(512).references());
    }

    /** A PTE-mapped folio with a page missing in between is not coalesced either. */
    @Test
    void aBufferThatLeavesOutPartOfAFolioPinsEveryPage() {
        thp();
        bench.run("p0 madvise 10 1 dontneed", "p0 pin a 0 512");

        assertEquals(511, folio(0).pins());
        assertEquals(1, folio(10).pins());
    }

    /** C1.e. */
    @Test
    void aPlainReferenceKeepsATHPFromBeingSplit() {
        thp();
        bench.run("p0 getref r 7 1", "p0 madvise 0 4 free");

        assertEquals(Map.of("thp_split_page_failed", 1L, "2048k.split_failed", 1L), bench.changes("thp_", "2048k."));
        assertEquals(true, bench.isHuge("p0", 0));
    }

    /** C5.a. */
    @Test
    void aPinnedPartiallyMappedFolioStaysWhole() {
        thp();
        bench.run("p0 pin a 0 256", "p0 munmap 256 256");
        assertEquals(Map.of("thp_split_pmd", 1L, "thp_deferred_split_page", 1L), bench.changes("thp_"));

        bench.run("p0 madvise 0 4 pageout");

        assertEquals(Map.of("thp_split_page_failed", 1L), bench.changes("thp_"));
        assertEquals(9, folio(0).order());
    }

    /** C5.b. */
    @Test
    void theShrinkerSplitsAfterTheLastPinHasGone() {
        thp();
        bench.run("p0 pin a 0 256", "p0 munmap 256 256", "shrink-slab");
        assertEquals(9, folio(0).order());
        bench.changes("");

        bench.run("p0 unpin a", "shrink-slab");

        assertEquals(Map.of("thp_split_page", 1L), bench.changes("thp_"));
        assertEquals(0, folio(0).order());
    }

    @Test
    void aPinnedFolioOutlivesItsMappingAndTheProcessReleasesItAtExit() {
        thp();
        bench.run("p0 fork p1", "p0 pin a 10 20");
        long frame = bench.frame("p0", 10);
        bench.run("p0 munmap 0 512");
        assertNotEquals(null, bench.machine().node(0).folio(frame));

        bench.run("p0 exit");

        assertNull(bench.machine().node(0).folio(frame));
    }

    @Test
    void handlesBelongToOneProcess() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 pin a 0 2", "p0 fork p1");

        assertEquals("EEXIST", bench.run("p0 getref a 0 1"));
        assertEquals("ENOENT", bench.run("p1 unpin a"));
        assertEquals("ok", bench.run("p0 unpin a"));
        assertEquals("ENOENT", bench.run("p0 unpin a"));
    }

    @Test
    void whatCannotBePinnedWholeIsNotPinnedAtAll() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 mmap 4 4 r private anon");

        assertEquals("EFAULT", bench.run("p0 pin a 0 8"));
        assertEquals("EFAULT", bench.run("p0 pin a 2 100"));
        assertEquals("EFAULT", bench.run("p0 getref a 6 4"));

        assertEquals(0, folio(0).pins());
        assertEquals(0, folio(0).gets());
    }

    @Test
    void pinningBreaksCopyOnWrite() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 write 0 4", "p0 fork p1");
        long frame = bench.frame("p0", 0);

        bench.run("p0 pin a 0 1");

        assertNotEquals(frame, bench.frame("p0", 0));
        assertEquals(frame, bench.frame("p1", 0));
    }

    @Test
    void referencesAreTakenOfWhatIsThereEvenOfTheZeroPage() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 getref r 0 4");

        assertEquals("zero", bench.page("p0", 0).state().word());
        assertEquals("ok", bench.run("p0 putref r"));
    }
}
