package org.foliofleet.node.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.foliofleet.protocol.program.MemoryCall.RelocateFlag;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scripts C-s1 to C-s9 of thread C (17.3), with the outcome under each value that the thread gives. */
class RelocationScriptsTest {
    private static final String ANON = " rw private anon";

    /** n regions that were touched far from each other, each moved to the end of the one before it. */
    private static RelocationBench collected(int regions, boolean huge, String... switches) {
        RelocationBench bench = new RelocationBench(switches);
        long pages = huge ? 512 : 256;
        for (int i = 0; i < regions; i++) {
            long at = i == 0 ? 0 : 1024L * 64 + i * 1024L;
            bench.run("p0 mmap " + at + " " + pages + ANON);
            if (huge) {
                bench.run("p0 madvise " + at + " " + pages + " hugepage");
            }
            bench.run("p0 write " + at + " " + pages);
            if (i > 0) {
                assertEquals("ok", bench.relocate("p0", at, pages, i * pages));
            }
        }
        return bench;
    }

    @ParameterizedTest(name = "C-s1 {0}")
    @CsvSource(delimiter = '|', value = {
        "off               | 20 | {}",
        "flag              | 1  | {relocated_folios=4864, relocations=19}",
        "flag_must         | 1  | {relocated_folios=4864, relocations=19}",
        "auto_if_neighbour | 1  | {relocated_folios=4864, relocations=19}",
        "auto_always       | 1  | {relocated_folios=4864, relocations=19}",
        "prctl             | 20 | {}",
        "lazy_on_span      | 20 | {}"})
    void regionsMovedNextToEachOther(String value, int vmas, String counted) {
        RelocationBench bench = collected(20, false, "mremap_relocate", value);
        assertEquals(vmas, bench.vmas("p0").split(" ").length, bench.vmas("p0"));
        assertEquals(counted, bench.counted());
        assertEquals(0, bench.outOfReach());
    }

    @Test
    @DisplayName("C-s1 with THPs: one rewrite for each")
    void hugeRegionsMovedNextToEachOther() {
        RelocationBench bench = collected(5, true, "mremap_relocate", "flag");
        assertEquals("0+2560", bench.vmas("p0"));
        assertEquals("{relocated_folios=4, relocations=4}", bench.counted());
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "C-s2 {0}, offsets without merge: {1}")
    @CsvSource({"off, true, {}", "auto_if_neighbour, true, {}", "flag, false, {}", "flag, true, '{relocated_folios=20, relocations=2}'"})
    void aHoleThatComesBackCloses(String value, String offsets, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", value, "relocate_offsets_when_no_merge", offsets);
        bench.run("p0 mmap 0 30" + ANON, "p0 write 0 30");
        bench.relocate("p0", 10, 10, 100);
        assertEquals("0+10 20+10 100+10", bench.vmas("p0"));
        bench.relocate("p0", 100, 10, 10);
        assertEquals("0+30", bench.vmas("p0"));
        assertEquals(counted, bench.counted());
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "C-s3 {0}")
    @CsvSource({"off, 0+10 10+10 20+10", "flag, 0+30", "auto_if_neighbour, 0+30", "auto_always, 0+30"})
    void whatWasFirstTouchedElsewhereComesHome(String value, String vmas) {
        RelocationBench bench = new RelocationBench("mremap_relocate", value);
        bench.run("p0 mmap 0 30" + ANON);
        bench.relocate("p0", 10, 10, 100);
        bench.run("p0 write 100 10");
        bench.relocate("p0", 100, 10, 10);
        assertEquals(vmas, bench.vmas("p0"));
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "C-s4 {0}")
    @CsvSource(delimiter = '|', value = {"off | ok | ok | {}",
        "flag | ok | ok | {relocate_refused_children=1, relocate_refused_forked=1}",
        "flag_must | EFAULT | EFAULT | {relocate_refused_children=1, relocate_refused_forked=1}"})
    void afterForkNeitherParentNorChildRelocates(String value, String parent, String child, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", value);
        bench.run("p0 mmap 0 4" + ANON, "p0 mmap 100 4" + ANON, "p0 write 0 4", "p0 write 100 4", "p0 fork p1");
        assertEquals(parent, bench.move("p0", 100, 4, 4, RelocateFlag.MUST));
        assertEquals(child, bench.move("p1", 100, 4, 4, RelocateFlag.MUST));
        String there = parent.equals("ok") ? "0+4 4+4" : "0+4 100+4";
        assertEquals(there, bench.vmas("p0"));
        assertEquals(there, bench.vmas("p1"));
        assertEquals(counted, bench.counted());
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "C-s5 {0}, pinned: {1}")
    @CsvSource(delimiter = '|', value = {
        "undo_fallback        | refuse | 0+10 10+20       | {relocate_refused_pinned=1, relocate_undo=1}",
        "precheck_then_commit | refuse | 0+10 10+20       | {relocate_refused_pinned=1}",
        "partial_keep_prefix  | refuse | 0+22 22+8        | {relocate_refused_pinned=1, relocated_folios=12, relocations=1}",
        "undo_fallback        | allow  | 0+30             | {relocated_folios=20, relocations=1}"})
    void onePageIsPinned(String failure, String pinned, String vmas, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag", "relocate_failure", failure, "relocate_pinned", pinned);
        bench.run("p0 mmap 0 10" + ANON, "p0 mmap 100 20" + ANON, "p0 write 0 10", "p0 write 100 20", "p0 pin h 112 1");
        assertEquals("ok", bench.relocate("p0", 100, 20, 10));
        assertEquals(vmas, bench.vmas("p0"));
        assertEquals(counted, bench.counted());
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "C-s6 {0}, {1}, held: {2}")
    @CsvSource(delimiter = '|', value = {
        "try_split              | undo_fallback        | true  | 0+8 8+768             | {relocate_refused_split=1, relocate_undo=1}",
        "try_split              | precheck_then_commit | true  | 0+8 8+768             | {relocate_refused_split=1}",
        "try_split              | undo_fallback        | false | 0+776                 | {relocated_folios=257, relocations=1}",
        "try_split              | precheck_then_commit | false | 0+776                 | {relocated_folios=257, relocations=1}",
        "fail                   | undo_fallback        | false | 0+8 8+768             | {relocate_refused_large_cross=1, relocate_undo=1}",
        "skip_keep_old_offsets  | undo_fallback        | true  | 0+520 520+256         | {relocated_folios=1, relocations=1}"})
    void aThpReachesAcrossTheEndOfTheRange(String cross, String failure, boolean held, String vmas, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag", "relocate_large_cross", cross, "relocate_failure", failure);
        bench.run("p0 mmap 0 8" + ANON, "p0 write 0 8", "p0 mmap 10240 1024" + ANON, "p0 madvise 10240 1024 hugepage", "p0 write 10240 1024");
        bench.run("p0 madvise 0 8 hugepage");
        if (held) {
            bench.run("p0 getref h 10752 1");
        }
        assertEquals("ok", bench.relocate("p0", 10240, 768, 8));
        assertEquals(vmas + " 11008+256", bench.vmas("p0"));
        assertEquals(counted, bench.counted());
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "C-s7 {0}")
    @CsvSource(delimiter = '|', value = {
        "skip                          | 1 | {relocated_folios=3, relocations=1, rmap_stale=1}",
        "wait_migration_fix_swapcache  | 0 | {relocated_folios=3, relocations=1}",
        "refuse                        | 0 | {relocate_refused_nonpresent=1, relocate_undo=1}"})
    void aPageInTheSwapCacheIsMovedAndComesBack(String value, int outOfReach, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag", "relocate_nonpresent", value);
        bench.run("p0 mmap 0 4" + ANON, "p0 mmap 100 4" + ANON, "p0 write 0 4", "p0 write 100 4");
        bench.run("p0 getref h 103 1", "p0 madvise 103 1 pageout");
        assertEquals("ok", bench.relocate("p0", 100, 4, 4));
        bench.run("p0 putref h", "p0 read 4 4");
        assertEquals(outOfReach, bench.outOfReach());
        assertEquals(counted, bench.counted());
    }

    @ParameterizedTest(name = "C-s8 {0}")
    @CsvSource(delimiter = '|', value = {
        "unmerge_first   | 0+8     | 4 | {relocated_folios=4, relocations=1}",
        "move_rmap_items | 0+8     | 0 | {relocations=1}",
        "refuse          | 0+4 4+4 | 4 | {relocate_refused_ksm=1}"})
    void mergedPagesAreMoved(String value, String vmas, long copies, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag", "relocate_ksm", value);
        bench.run("p0 mmap 0 4" + ANON, "p0 mmap 100 4" + ANON, "p0 madvise 0 4 mergeable", "p0 madvise 100 4 mergeable",
            "p0 write 0 4 tag 7 same", "p0 write 100 4 tag 7 same", "ksm-scan 3");
        bench.bench().changes("");
        assertEquals("ok", bench.relocate("p0", 100, 4, 4));
        assertEquals(vmas, bench.vmas("p0"));
        assertEquals(copies, bench.bench().changes("cow_ksm", "reloc").getOrDefault("cow_ksm", 0L));
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "C-s9 {0}")
    @CsvSource(delimiter = '|', value = {
        "undo_fallback        | 12 | {relocate_refused_pinned=1, relocate_undo=1, relocate_undo_failed=12, rmap_stale=12}",
        "precheck_then_commit | 0  | {relocate_refused_pinned=1}",
        "partial_keep_prefix  | 0  | {relocate_refused_pinned=1, relocated_folios=12, relocations=1}"})
    void somebodyGetsHoldOfFoliosBeforeTheyAreUndone(String failure, int outOfReach, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag", "relocate_failure", failure, "speculative_ref_rate", "(1,1us)");
        bench.run("p0 mmap 0 10" + ANON, "p0 mmap 100 20" + ANON, "p0 write 0 10", "p0 write 100 20", "p0 pin h 112 1");
        assertEquals("ok", bench.relocate("p0", 100, 20, 10));
        assertEquals(counted, bench.counted());
        assertEquals(outOfReach, bench.outOfReach());
    }
}
