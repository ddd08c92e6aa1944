package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.numa.Folio;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: which folios mlock makes unevictable. Method: the cases C7.a to C7.g and C3.d on one THP. */
class MlockTest {
    private final StatementBench bench = new StatementBench();

    @BeforeEach
    void writeOneThp() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
        bench.changes("");
    }

    private Folio folio() {
        return bench.machine().node(0).folio(bench.frame("p0", 0));
    }

    private Map<String, Long> changes() {
        return bench.changes("unevictable_", "thp_");
    }

    /** C7.a. */
    @Test
    void aFolioThatReachesOutOfTheLockedVmaIsNotLocked() {
        bench.run("p0 mlock 0 256");

        assertEquals(Map.of("thp_split_pmd", 1L), changes());
        assertFalse(folio().has(Folio.MLOCKED));
    }

    /** C7.b. */
    @Test
    void lockingTheOtherHalfLaterDoesNotLockIt() {
        bench.run("p0 mlock 0 256", "p0 mlock 256 256");

        assertFalse(folio().has(Folio.MLOCKED));
    }

    /** C7.c. */
    @Test
    void aFolioMappedByPtesIsLockedAsAWhole() {
        bench.run("p0 mlock 0 256", "p0 mlock 256 256", "p0 munlock 0 512");
        changes();

        bench.run("p0 mlock 0 512");

        assertEquals(Map.of("unevictable_pgs_mlocked", 512L, "unevictable_pgs_culled", 512L), changes());
    }

    /** C7.d. */
    @Test
    void unlockingOneHalfUnlocksTheFolio() {
        bench.run("p0 mlock 0 512");
        assertEquals(Map.of("unevictable_pgs_mlocked", 512L, "unevictable_pgs_culled", 512L), changes());
        assertTrue(bench.isHuge("p0", 0));

        bench.run("p0 munlock 256 256");

        assertEquals(Map.of("thp_split_pmd", 1L, "unevictable_pgs_munlocked", 512L, "unevictable_pgs_rescued", 512L), changes());
        assertFalse(folio().has(Folio.MLOCKED | Folio.UNEVICTABLE));
    }

    /** C7.e. */
    @Test
    void unmappingOneHalfUnlocksTheFolio() {
        bench.run("p0 mlock 0 512");
        changes();

        bench.run("p0 munmap 0 256");

        assertEquals(Map.of("thp_split_pmd", 1L, "thp_deferred_split_page", 1L, "unevictable_pgs_munlocked", 512L,
                "unevictable_pgs_rescued", 512L), changes());
    }

    /** C7.f. */
    @Test
    void lockingLazyfreeMemoryDirtiesIt() {
        bench.run("p0 madvise 0 512 free", "p0 mlock 0 512");

        assertTrue(folio().isLazyfree());
        assertTrue(folio().has(Folio.MLOCKED));
        assertTrue(bench.page("p0", 0).dirty());
    }

    /** C7.g. */
    @Test
    void lockingOnFaultLeavesLazyfreeMemoryClean() {
        bench.run("p0 madvise 0 512 free", "p0 mlock-onfault 0 512");

        assertTrue(folio().isLazyfree());
        assertTrue(folio().has(Folio.MLOCKED));
        assertFalse(bench.page("p0", 0).dirty());
    }

    /** C3.d. */
    @Test
    void aForkedChildHasNoLocksAndTakesNoneAway() {
        bench.run("p0 mlock 0 512", "p0 fork p1", "p1 munmap 0 512");

        assertTrue(folio().has(Folio.MLOCKED));
        assertTrue(folio().has(Folio.UNEVICTABLE));
    }

    @Test
    void theWalkClipsTheRangeToEachPageTable() {
        bench.run("p0 mremap 0 512 512 fixed 4100", "p0 mlock 4100 512");

        assertFalse(bench.machine().node(0).folio(bench.frame("p0", 4100)).has(Folio.MLOCKED), "the folio crosses a table");
    }

    @Test
    void lockingStopsAtAHoleAndKeepsWhatCameBefore() {
        bench.run("p0 munmap 100 10");
        changes();

        assertEquals("ENOMEM", bench.run("p0 mlock 90 50"));

        assertEquals("EINVAL", bench.run("p0 madvise 95 1 dontneed"), "the part before the hole is locked");
        assertEquals("ok", bench.run("p0 madvise 115 1 dontneed"));
    }

    @Test
    void inaccessibleMemoryIsLockedButCannotBePopulated() {
        bench.run("p0 mmap 1000 4 none private anon");

        assertEquals("ENOMEM", bench.run("p0 mlock 1000 4"));
        assertEquals("EINVAL", bench.run("p0 madvise 1000 4 dontneed"), "the flag stays");
    }

    @Test
    void theLimitCountsLockedPagesOnce() {
        bench.set("memlock_pages", "100");

        assertEquals("ok", bench.run("p0 mlock 0 60"));
        assertEquals("ok", bench.run("p0 mlock 0 100"));
        assertEquals("ENOMEM", bench.run("p0 mlock 100 1"));
        bench.run("p0 munlock 0 1");
        assertEquals("ok", bench.run("p0 mlock 100 1"));
        bench.set("memlock_pages", "0");
        assertEquals("EPERM", bench.run("p0 mlock 0 1"));
    }
}
