package org.foliofleet.node.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.protocol.message.Pte;
import org.junit.jupiter.api.Test;

/** Goal: a write to a shared page copies or reuses it as the kernel does. Method: the cases C4 and writes against the protection. */
class WriteFaultTest {
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

    /** C4.a. */
    @Test
    void aSharedThpLosesOnePageToACopy() {
        thp("p0 fork p1", "p0 write 0 1");

        assertEquals(Map.of("thp_split_pmd", 1L), bench.changes("thp_"));
        assertEquals(0, folio("p0", 0).order());
        assertEquals(9, folio("p0", 1).order());
        assertTrue(bench.isHuge("p1", 0));
    }

    /** C4.b. */
    @Test
    void whenTheChildLeavesTheFolioIsPartiallyMapped() {
        thp("p0 fork p1", "p0 write 0 1");
        bench.changes("");

        bench.run("p1 exit");

        assertEquals(Map.of("thp_deferred_split_page", 1L, "2048k.split_deferred", 1L, "2048k.nr_anon_partially_mapped", 1L),
                bench.changes("thp_", "2048k."));
    }

    /** C4.c. */
    @Test
    void theLastMapperReusesAPageOfALargeFolio() {
        thp("p0 fork p1", "p0 write 0 1", "p1 exit");
        long before = frame("p0", 1);

        bench.run("p0 write 1 1");

        assertEquals(before, frame("p0", 1));
        assertTrue(bench.entry("p0", 1).has(Pte.EXCLUSIVE));
        assertFalse(bench.entry("p0", 2).has(Pte.EXCLUSIVE), "only the page that faulted");
    }

    /** R4.3: any reference besides the mappings forces copies. */
    @Test
    void aReferenceToOnePageMakesEveryPageOfTheFolioBeCopied() {
        thp("p0 fork p1", "p0 write 0 1", "p1 exit", "p0 getref r 9 1");
        long before = frame("p0", 1);

        bench.run("p0 write 1 1");

        assertNotEquals(before, frame("p0", 1));
    }

    /** R4.3: the last page of a large folio is copied, so that the folio can go. */
    @Test
    void theLastMappedPageOfALargeFolioIsCopied() {
        thp("p0 fork p1", "p0 write 0 511", "p1 exit");
        long before = frame("p0", 511);

        bench.run("p0 write 511 1");

        assertNotEquals(before, frame("p0", 511));
        assertEquals(0, folio("p0", 511).order());
    }

    /** C4.d. */
    @Test
    void aThpIsReusedAsAWholeByWhomeverIsLeft() {
        thp("p0 fork p1", "p1 exit", "p0 write 0 1");

        assertEquals(Map.of(), bench.changes("thp_"));
        assertTrue(bench.isHuge("p0", 0));
        assertTrue(bench.entry("p0", 0).has(Pte.EXCLUSIVE));
    }

    /** C4.e. */
    @Test
    void aSharedMthpLosesOnePageToACopy() {
        bench.run("set mthp 64k madvise", "set mthp 2048k never", "p0 mmap 0 16 rw private anon", "p0 madvise 0 16 hugepage", "p0 write 0 16",
                "p0 fork p1", "p0 write 1 1");
        assertEquals(0, folio("p0", 1).order());
        assertEquals(4, folio("p0", 2).order());
        bench.changes("");

        bench.run("p1 exit");

        assertEquals(1L, bench.changes("64k.split_deferred").get("64k.split_deferred"));
    }

    /** C4.f. */
    @Test
    void protectionTakenAndGivenBackCostsNoFault() {
        thp("p0 mprotect 0 512 r", "p0 mprotect 0 512 rw");

        assertTrue(bench.entry("p0", 0).has(Pte.WRITE));
        assertTrue(bench.isHuge("p0", 0));
        assertEquals(Map.of(), bench.changes("thp_"));
    }

    /** R4.10. */
    @Test
    void aWriteAgainstTheProtectionCopiesAndLeavesTheEntryReadOnly() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 write 0 4", "p0 fork p1", "p0 mprotect 0 4 r");
        long before = frame("p0", 0);

        assertEquals("ok", bench.run("p0 memwrite 0 1 tag 99"));

        assertNotEquals(before, frame("p0", 0));
        assertEquals(99, bench.page("p0", 0).tag());
        assertNotEquals(99, bench.page("p1", 0).tag());
        assertFalse(bench.entry("p0", 0).has(Pte.WRITE));
        assertTrue(bench.entry("p0", 0).has(Pte.EXCLUSIVE));
        assertTrue(folio("p0", 0).has(Folio.DIRTY));
    }

    @Test
    void aForcedWriteIntoAHoleIsAnInputOutputError() {
        bench.run("p0 mmap 0 2 r private anon");

        assertEquals("EIO", bench.run("p0 memwrite 1 2"));

        assertEquals("present", bench.page("p0", 1).state().word(), "the page before the hole was written");
    }

    /** Pages that are reused lie between pages that are copied. */
    @Test
    void copiesWithGapsGetTheRightContents() {
        bench.run("p0 mmap 0 16 rw private anon", "p0 write 0 16 tag 7", "p0 fork p1", "p1 munmap 3 2", "p1 munmap 9 3", "p0 write 15 1");
        long third = frame("p0", 3);

        bench.run("p0 memwrite 0 1", "p0 madvise 0 16 populate_write");

        for (int i = 1; i < 15; i++) {
            assertEquals(7, bench.page("p0", i).tag());
            assertEquals(bench.page("p0", 1).source() - 1 + i, bench.page("p0", i).source());
        }
        assertEquals(third, frame("p0", 3));
        assertNotEquals(frame("p1", 5), frame("p0", 5));
    }

    @Test
    void populatingReportsWhyItCouldNot() {
        bench.run("p0 mmap 0 4 r private anon", "p0 mmap 4 2 rw private anon");

        assertEquals("EINVAL", bench.run("p0 madvise 0 4 populate_write"));
        assertEquals("ENOMEM", bench.run("p0 madvise 4 4 populate_write"));
        assertEquals("present", bench.page("p0", 5).state().word());
        bench.run("p0 madvise 5 1 guard_install");
        assertEquals("EFAULT", bench.run("p0 madvise 4 2 populate_read"));
        assertEquals("ok", bench.run("p0 madvise 0 4 populate_read"));
        assertEquals("zero", bench.page("p0", 3).state().word());
    }
}
