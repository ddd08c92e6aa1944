package org.foliofleet.node.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.FolioAccounting;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.SharedUser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: the scripts E-s1 to E-s5 and E-s8 of MM-SEMANTICS 17.5 end under every mapcount model as its tables say. Method: each on a
 * machine with the switch set before anything is mapped; exact counts are checked at the end of each.
 */
class MappingScriptsTest {
    private static final String QUEUED = "thp_deferred_split_page";

    private final StatementBench bench = new StatementBench();

    /** A PMD-mapped THP of p0, all of it written. */
    private void huge() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
    }

    /** A PTE-mapped THP of p0. */
    private void byPtes() {
        huge();
        bench.run("p0 mprotect 0 1 r", "p0 mprotect 0 1 rw");
    }

    private NumaNode node() {
        return bench.machine().node(0);
    }

    private Folio folio(String process, long page) {
        return node().folio(bench.frame(process, page));
    }

    private boolean wasQueued() {
        return !bench.changes(QUEUED).isEmpty();
    }

    private long anonPages() {
        FolioAccounting accounting = new FolioAccounting(node().rules());
        long[] pages = {0};
        node().folios().forEach((start, count, folio) -> pages[0] += folio.isAnon() ? (count >> folio.order()) * accounting.mappedPages(folio) : 0);
        return pages[0];
    }

    @AfterEach
    void exactCountsAgree() {
        Invariants.quiet(bench.machine());
    }

    @ParameterizedTest
    @CsvSource({"per_page, true", "no_page, true", "total_pages, true", "first_page_heuristic, true", "vma_table_pairs, false"})
    void es1OnePageUnmappedIsSeen(String model, boolean queued) {
        bench.set("mapcount_model", model);
        huge();
        bench.changes(QUEUED);

        bench.run("p0 madvise 7 1 dontneed");

        assertEquals(queued, wasQueued());
    }

    @ParameterizedTest
    @ValueSource(strings = {"per_page", "no_page", "total_pages", "first_page_heuristic", "vma_table_pairs"})
    void es2AndC6cHalvesThatTwoProcessesKeepAreNotPartiallyMapped(String model) {
        bench.set("mapcount_model", model);
        byPtes();
        bench.run("p0 fork p1", "p0 munmap 0 256");
        bench.changes(QUEUED);

        bench.run("p1 munmap 256 256");

        assertFalse(wasQueued(), "all pages are mapped once: the oracle agrees");
        assertEquals(512, folio("p1", 0).mappedPages());
    }

    @ParameterizedTest
    @CsvSource({"per_page, true", "no_page, false", "total_pages, false", "first_page_heuristic, true", "vma_table_pairs, false"})
    void es3TheSameHalfUnmappedTwiceIsMissedWithoutCountsOfPages(String model, boolean queued) {
        bench.set("mapcount_model", model);
        byPtes();
        bench.run("p0 fork p1", "p0 munmap 0 256");
        bench.changes(QUEUED);

        bench.run("p1 munmap 0 256");

        assertEquals(queued, wasQueued());
        assertEquals(256, folio("p1", 256).mappedPages(), "1 MiB is retained");
        bench.run("p1 exit");
        assertEquals(!model.equals("vma_table_pairs") && !queued, wasQueued(), "until one exits");
    }

    /** C1.c: A and B of three owners exit; C alone maps the folio, which has no slot for it. */
    private void threeOwners() {
        byPtes();
        bench.run("p0 fork p1", "p0 fork p2", "p0 exit", "p1 exit");
        bench.changes("");
    }

    @ParameterizedTest
    @CsvSource({"mm_ids2, true", "mm_ids(1), true", "mm_ids(3), false", "mm_ids(16), false", "exact_set, false", "first_page, false"})
    void es4AndC1cAStaleSharedBitMakesMadviseFreeAndCopyOnWriteGiveUp(String test, boolean stale) {
        bench.set("shared_test", test);
        threeOwners();
        assertEquals(512, folio("p2", 0).mapcount());

        bench.run("p2 madvise 8 4 free");

        assertEquals(stale ? Map.of() : Map.of("thp_split_page", 1L), bench.changes("thp_split_page"), "MADV_FREE of a part splits the folio");
        assertEquals(stale ? 1 : 0, node().tally().takenForShared(SharedUser.MADVISE));
        long frame = bench.frame("p2", 300);
        bench.run("p2 write 300 1");
        assertEquals(stale, frame != bench.frame("p2", 300), "copied");
        assertEquals(stale ? 1 : 0, node().tally().takenForShared(SharedUser.COW));
    }

    @Test
    void es4WithTheModelWithoutPageCountsShowsSharedInSmapsToo() {
        threeOwners();
        assertEquals(2048L, bench.smaps("p2", 0).get("Private_Dirty"));
        bench.set("mapcount_model", "no_page");
        bench.run("p2 mmap 1024 1 rw private anon", "p2 write 1024 1");
        assertEquals(2048L, bench.smaps("p2", 0).get("Shared_Dirty"));
    }

    /** C1.c2. */
    @Test
    void es4WithTwoOwnersTheBitIsClearedWhenOneExits() {
        byPtes();
        bench.run("p0 fork p1", "p0 exit");
        long frame = bench.frame("p1", 300);
        bench.changes("");

        bench.run("p1 write 300 1", "p1 madvise 8 4 free");

        assertEquals(1L, bench.changes("thp_split_page").get("thp_split_page"));
        assertEquals(frame, bench.frame("p1", 300));
    }

    /** C1.c3: one mapping is never shared. */
    @Test
    void es4WithPmdsOneMappingIsNotShared() {
        huge();
        bench.run("p0 fork p1", "p0 fork p2", "p0 exit", "p1 exit");
        assertFalse(folio("p2", 0).isMaybeMappedShared());
    }

    @ParameterizedTest
    @CsvSource({"mm_id_exact, true", "never, false", "oracle, true"})
    void c4cAWriteReusesAPageOfALargeFolioThatNobodyElseMaps(String rule, boolean reused) {
        bench.set("cow_reuse_large", rule);
        huge();
        bench.run("p0 fork p1", "p0 write 0 1", "p1 exit");
        long frame = bench.frame("p0", 1);

        bench.run("p0 write 1 1");

        assertEquals(reused, frame == bench.frame("p0", 1));
    }

    @Test
    void theOracleReusesAPageThatOthersUnmappedThoughTheyKeepTheFolio() {
        bench.set("cow_reuse_large", "oracle");
        byPtes();
        bench.run("p0 fork p1", "p1 munmap 0 8");
        long mine = bench.frame("p0", 3);
        long common = bench.frame("p0", 8);

        bench.run("p0 write 0 9");

        assertEquals(mine, bench.frame("p0", 3));
        assertNotEquals(common, bench.frame("p0", 8), "the other process sees the old content of page 8");
    }

    /** R15.7: what p0 and p1 unmap of a THP that both inherit by PTEs, and the Pss of each, in kB, exactly and by models. */
    @ParameterizedTest
    @CsvSource({
        "all and all,        -,       -,       1024, 1024, 1024, 1024, 1024, 1024",
        "all and one page,   -,       1 511,   2046,    2, 2048,    4, 2044,    3",
        "all and half,       -,       256 256, 1536,  512, 1024,  512, 1365,  682",
        "half and half,      256 256, 0 256,   1024, 1024, 1024, 1024, 1024, 1024",
    })
    void es5AveragesOfPartlyMappedFoliosMissTheirPss(String situation, String first, String second, long exact0, long exact1, long rounded0,
            long rounded1, long fraction0, long fraction1) {
        byPtes();
        bench.run("p0 fork p1");
        unmap("p0", first);
        unmap("p1", second);

        assertEquals(exact0 + " " + exact1, pss("per_page_exact"));
        assertEquals(rounded0 + " " + rounded1, pss("average_rounded"));
        assertEquals(fraction0 + " " + fraction1, pss("average_fraction"));
    }

    private void unmap(String process, String range) {
        if (!range.equals("-")) {
            bench.run(process + " madvise " + range + " dontneed");
        }
    }

    /** Settings come to the node with its next allocation. */
    private String pss(String model) {
        bench.set("pss_model", model);
        bench.run("p0 mmap 2048 1 rw private anon", "p0 write 2048 1");
        return bench.smaps("p0", 100).get("Pss") + " " + (bench.smaps("p1", 0).containsKey("Pss") ? bench.smaps("p1", 0).get("Pss")
                : bench.smaps("p1", 300).get("Pss"));
    }

    /** R15.7, the rows with a PMD: p0 keeps the PMD, p1 all, half or nothing. */
    @ParameterizedTest
    @CsvSource({"512, 2048, 0, 2048, 0", "256, 1536, 512, 1024, 512"})
    void es5AndC15aAPmdBesidePtes(int unmapped, long exact0, long exact1, long rounded0, long rounded1) {
        huge();
        bench.run("p0 fork p1", "p1 madvise " + (512 - unmapped) + " " + unmapped + " dontneed");
        assertTrue(bench.isHuge("p0", 0));

        assertEquals(exact0, bench.smaps("p0", 0).getOrDefault("Pss", 0L));
        assertEquals(exact1, bench.smaps("p1", 0).getOrDefault("Pss", 0L));
        bench.set("mapcount_model", "no_page");
        bench.run("p0 mmap 2048 1 rw private anon", "p0 write 2048 1");
        assertEquals(rounded0, bench.smaps("p0", 0).getOrDefault("Pss", 0L));
        assertEquals(rounded1, bench.smaps("p1", 0).getOrDefault("Pss", 0L));
    }

    /** R15.7: A alone, half of it. */
    @Test
    void es5AHalfOfOnesOwnHasNoError() {
        bench.set("mapcount_model", "no_page");
        byPtes();
        bench.run("p0 munmap 256 256");
        assertEquals(1024L, bench.smaps("p0", 0).get("Pss"));
        assertEquals(1024L, bench.smaps("p0", 0).get("Private_Dirty"));
    }

    @ParameterizedTest
    @CsvSource({"mapcount_model, per_page, 1", "mapcount_model, no_page, 512", "mapcount_model, total_pages, 512", "mapcount_model, vma_table_pairs, 512",
        "mapcount_model, first_page_heuristic, 1", "stats_model, folio_granular, 512"})
    void es8AndC15bAndC15cAnonPagesOfAFolioOfWhichOnePageIsMapped(String key, String value, long pages) {
        bench.set(key, value);
        huge();
        assertEquals(512, anonPages());
        bench.run("p0 munmap 1 511");
        assertEquals(pages, anonPages());
    }
}
