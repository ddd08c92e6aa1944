package org.foliofleet.node.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.protocol.message.Pte;
import org.junit.jupiter.api.Test;

/** Goal: what a child shares, and what it gets copies of. Method: the cases C1.a to C1.c2 and C3. */
class ForkTest {
    private final StatementBench bench = new StatementBench();

    private void thp(String... then) {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
        bench.changes("");
        bench.run(then);
    }

    private long frame(String process, long index) {
        return bench.frame(process, index);
    }

    private Folio folio(String process, long index) {
        return bench.machine().node(0).folio(frame(process, index));
    }

    /** C1.a, C1.b, C3.a. */
    @Test
    void aThpIsSharedByBothPmds() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
        assertEquals(Map.of("thp_fault_alloc", 1L, "2048k.anon_fault_alloc", 1L, "2048k.nr_anon", 1L), bench.changes("thp_", "2048k."));
        assertTrue(bench.entry("p0", 0).has(Pte.EXCLUSIVE));

        bench.run("p0 fork p1");

        assertEquals(Map.of(), bench.changes("thp_", "2048k."));
        assertEquals(2, bench.page("p0", 511).mapcount());
        assertFalse(bench.entry("p0", 0).has(Pte.EXCLUSIVE | Pte.WRITE));
        assertTrue(bench.isHuge("p1", 0));
    }

    /** C1.c. */
    @Test
    void theThirdOfThreeProcessesCopiesThoughItIsAlone() {
        thp("p0 mprotect 0 1 r", "p0 mprotect 0 1 rw", "p0 fork p1", "p1 fork p2", "p0 exit", "p1 exit");
        bench.changes("");
        long before = frame("p2", 5);
        assertEquals(1, bench.page("p2", 5).mapcount());

        bench.run("p2 madvise 100 4 free");
        assertEquals(Map.of(), bench.changes("thp_split_page", "pglazyfree"));

        bench.run("p2 write 5 1");

        assertNotEquals(before, frame("p2", 5));
        assertEquals(Map.of("2048k.split_deferred", 1L), bench.changes("2048k.split_deferred"));
    }

    /** C1.c2. */
    @Test
    void theSecondOfTwoProcessesReusesThePage() {
        thp("p0 mprotect 0 1 r", "p0 mprotect 0 1 rw", "p0 fork p1", "p0 exit");
        long before = frame("p1", 5);

        bench.run("p1 write 5 1");

        assertEquals(before, frame("p1", 5));
    }

    /** C3.b. */
    @Test
    void aPinnedThpIsCopiedPageByPage() {
        thp("p0 pin a 0 512");
        long before = frame("p0", 0);

        bench.run("p0 fork p1");

        assertEquals(Map.of("thp_split_pmd", 1L), bench.changes("thp_"));
        for (int i = 0; i < 512; i++) {
            assertEquals(0, folio("p1", i).order());
            assertEquals(1, bench.page("p1", i).mapcount());
            assertEquals(bench.page("p0", i).tag(), bench.page("p1", i).tag());
        }
        assertTrue(bench.entry("p0", 0).has(Pte.EXCLUSIVE));
        assertTrue(bench.entry("p0", 0).has(Pte.WRITE));
        bench.run("p0 write 0 1");
        assertEquals(before, frame("p0", 0));
    }

    /** C3.c. */
    @Test
    void adviceKeepsPagesFromTheChild() {
        bench.run("p0 mmap 0 12 rw private anon", "p0 write 0 12", "p0 madvise 4 4 dontfork", "p0 madvise 8 4 wipeonfork", "p0 fork p1");

        assertEquals("SIGSEGV@4", bench.run("p1 read 4 1"));
        bench.run("p1 read 8 1");
        assertEquals("zero", bench.page("p1", 8).state().word());
        assertNull(bench.page("p1", 9));
    }

    /** C3.e, for memory that was never touched. */
    @Test
    void untouchedMemoryIsNotCopied() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 read 0 4", "p0 fork p1");

        assertNull(bench.page("p1", 0), "without an anon_vma the child faults again");
    }

    /** C3.f. */
    @Test
    void onePinnedPageMakesForkCopyAllExclusivePagesOfTheFolio() {
        thp("p0 mprotect 0 1 r", "p0 mprotect 0 1 rw", "p0 pin a 7 1");
        long references = folio("p0", 0).references();

        bench.run("p0 fork p1");

        assertEquals(references, folio("p0", 0).references());
        assertEquals(0, folio("p1", 300).order());
    }

    /** R3.7: pages that are shared already are shared again. */
    @Test
    void pagesOfAPinnedFolioThatAreSharedAlreadyAreNotCopied() {
        thp("p0 mprotect 0 1 r", "p0 mprotect 0 1 rw", "p0 fork p1", "p1 munmap 0 512", "p0 write 3 1", "p0 pin a 3 1", "p0 fork p2");

        assertNotEquals(frame("p0", 3), frame("p2", 3));
        assertEquals(frame("p0", 4), frame("p2", 4));
    }

    @Test
    void copiesBetweenSharedPagesKeepTheirContents() {
        bench.run("p0 mmap 0 8 rw private anon", "p0 write 0 8 tag 50", "p0 pin a 1 1", "p0 pin b 4 2", "p0 fork p1");

        for (int i = 0; i < 8; i++) {
            assertEquals(50, bench.page("p1", i).tag());
            assertEquals(bench.page("p0", i).source(), bench.page("p1", i).source());
            assertEquals(i == 1 || i == 4 || i == 5, frame("p0", i) != frame("p1", i));
        }
    }
}
