package org.foliofleet.node.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.stream.Stream;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.RelocateFlag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every switch of thread C (MREMAP_RELOCATE_ANON) changes what it is about, and nothing else; every value is seen at work.
 * The scripts of the thread are in {@link RelocationScriptsTest}.
 */
class RelocationSwitchesTest {
    private static final String ANON = " rw private anon";
    /** Two regions that were touched; the second is moved next to the first. */
    private static final String NEIGHBOURS = """
        - mmap: {name: a, at: 1GiB, size: 64KiB, prot: rw}
        - mmap: {name: b, at: 2GiB, size: 64KiB, prot: rw}
        - write: a
        - write: b
        """;
    private static final String MOVE = "- mremap: {in: b, to: 1GiB + 64KiB, relocate: true}\n- mark: moved\n";
    /** What follows from it that a move relocates or does not. */
    private static final String[] MERGED = {"vmas", "vma_peak", "anon_vmas", "anon_vma_chains", "kernel_meta", "relocations",
        "relocations_refused", "relocation_undos", "folios_relocated", "walk_cost", "counter"};

    private static String[] mergedAnd(String... others) {
        return Stream.concat(Stream.of(MERGED), Stream.of(others)).toArray(String[]::new);
    }

    @Test
    void mremapRelocate() {
        SwitchEffect.of(NEIGHBOURS + MOVE, "mremap_relocate", "flag").changes("vmas@moved", 2, 1).changes("relocations", 0, 1).andOnly(MERGED);
    }

    @ParameterizedTest(name = "mremap_relocate: {0}")
    @CsvSource({"off, 0+4 4+4 100+4, 0", "flag, 0+8 100+4, 1", "auto_if_neighbour, 0+8 100+4, 1", "auto_always, 0+8 100+4, 2",
        "prctl, 0+4 4+4 100+4, 0", "lazy_on_span, 0+4 4+4 100+4, 0"})
    void mremapRelocateWithAndWithoutNeighbour(String value, String vmas, long relocations) {
        RelocationBench bench = touched("mremap_relocate", value);
        bench.run("p0 mmap 200 4" + ANON, "p0 write 200 4", "p0 mremap 200 4 4 fixed 100");
        bench.relocate("p0", 300, 4, 4);
        assertEquals(vmas, bench.vmas("p0"));
        assertEquals(relocations, bench.bench().changes("relocations").getOrDefault("relocations", 0L));
        assertEquals(0, bench.outOfReach());
    }

    @Test
    void aProcessThatAskedRelocatesAndSoDoWhoseItForks() {
        RelocationBench bench = touched("mremap_relocate", "prctl");
        assertEquals("ok", bench.bench().call("p0", new MemoryCall.RelocateMoves(true)));
        bench.run("p0 fork p1", "p0 exit");
        bench.bench().call("p1", new MemoryCall.Exec());
        bench.run("p1 mmap 0 4" + ANON, "p1 mmap 300 4" + ANON, "p1 write 0 4", "p1 write 300 4", "p1 mremap 300 4 4 fixed 4");
        assertEquals("0+4 4+4", bench.vmas("p1"), "exec begins anew");
        bench.bench().call("p1", new MemoryCall.RelocateMoves(true));
        bench.run("p1 fork p2", "p1 exit", "p2 mmap 500 4" + ANON, "p2 mmap 700 4" + ANON, "p2 write 500 4", "p2 write 700 4",
            "p2 mremap 700 4 4 fixed 504");
        assertEquals("0+4 4+4 500+8", bench.vmas("p2"));
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"flag, RELOCATE, ok, 0+10 10+20", "flag, MUST, ok, 0+10 10+20", "flag_must, RELOCATE, ok, 0+10 10+20",
        "flag_must, MUST, EFAULT, 0+10 100+20"})
    void mustMakesAnErrorOfARefusal(String value, RelocateFlag flag, String result, String vmas) {
        RelocationBench bench = new RelocationBench("mremap_relocate", value);
        bench.run("p0 mmap 0 10" + ANON, "p0 mmap 100 20" + ANON, "p0 write 0 10", "p0 write 100 20", "p0 pin h 112 1");
        assertEquals(result, bench.move("p0", 100, 20, 10, flag));
        assertEquals(vmas, bench.vmas("p0"));
        assertEquals(result.equals("ok") ? 0 : 1, bench.bench().changes("new_user_errors").getOrDefault("new_user_errors", 0L));
        assertEquals(0, bench.outOfReach());
    }

    @ParameterizedTest(name = "must succeeds where nothing is to be done: {0}")
    @CsvSource({"0, 0+10 10+20", "1, 0+30"})
    void mustSucceedsWhereNothingIsToBeDone(int touchedAfter, String vmas) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag_must");
        bench.run("p0 mmap 0 10 r private anon", "p0 mmap 100 20" + ANON);
        if (touchedAfter == 1) {
            bench.run("p0 mprotect 0 10 rw", "p0 write 0 10");
        }
        assertEquals("ok", bench.move("p0", 100, 20, 10, RelocateFlag.MUST));
        assertEquals(vmas, bench.vmas("p0"));
    }

    /** C11: fragments are moved at once, and are one VMA where they arrive. */
    @ParameterizedTest(name = "lazy_on_span, mremap_span: {0}")
    @CsvSource({"multi_vma_move", "single_vma"})
    void fragmentsThatAreMovedTogetherBecomeOne(String span) {
        RelocationBench bench = touched("mremap_relocate", "lazy_on_span", "mremap_span", span);
        bench.run("p0 mremap 300 4 4 fixed 4");
        assertEquals("0+4 4+4", bench.vmas("p0"));
        assertEquals("ok", bench.run("p0 mremap 0 8 8 fixed 1000"));
        assertEquals("1000+8", bench.vmas("p0"));
        assertEquals(0, bench.outOfReach());
    }

    @Test
    void relocateOffsetsWhenNoMerge() {
        String steps = NEIGHBOURS + "- mremap: {in: b, to: 3GiB, relocate: true}\n- mark: moved\n"
            + "- mmap: {name: c, at: 3GiB + 64KiB, size: 64KiB, prot: rw}\n- write: c\n- mark: continued\n";
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"), Map.of("relocate_offsets_when_no_merge", "false"))
            .changes("relocations", 1, 0).changes("vmas@continued", 2, 3).andOnly(MERGED);
    }

    @Test
    void relocateSharedTest() {
        String steps = NEIGHBOURS + "- fork: {name: c, steps: [exit]}\n- join\n" + MOVE;
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"), Map.of("relocate_shared_test", "ever_cow_shared_bit"))
            .changes("relocations_refused{shared}", 0, 1).changes("relocations", 1, 0).andOnly(MERGED);
    }

    @ParameterizedTest(name = "{0}: a child that has copies of its own")
    @CsvSource(delimiter = '|', value = {"chain+children+mapcount | 0+4 4+4 | {relocate_refused_forked=1}",
        "ever_cow_shared_bit | 0+8 | {relocated_folios=4, relocations=1}", "mapcount_only | 0+8 | {relocated_folios=4, relocations=1}"})
    void copiesOfTheirOwnWereNeverShared(String test, String vmas, String counted) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag", "relocate_shared_test", test, "merge_rule", "ignore_fork_child");
        bench.run("p0 mmap 300 4" + ANON, "p0 write 300 4", "p0 fork p1", "p1 write 300 4", "p1 mmap 0 4" + ANON, "p1 write 0 4");
        bench.relocate("p1", 300, 4, 4);
        assertEquals(vmas, bench.vmas("p1"));
        assertEquals(counted, bench.counted());
        assertEquals(0, bench.outOfReach());
    }

    /** The child has the page in swap only: the mapcount says that it is the parent's. */
    @ParameterizedTest(name = "{0}: a child that has the page in swap")
    @CsvSource({"chain+children+mapcount, 0", "ever_cow_shared_bit, 0", "mapcount_only, 1"})
    void aPageThatAnotherHasInSwapIsShared(String test, int outOfReach) {
        RelocationBench bench = new RelocationBench("mremap_relocate", "flag", "relocate_shared_test", test, "relocate_nonpresent",
            "wait_migration_fix_swapcache");
        bench.run("p0 mmap 0 4" + ANON, "p0 mmap 300 1" + ANON, "p0 write 0 4", "p0 write 300 1", "p0 getref h 300 1",
            "p0 madvise 300 1 pageout", "p0 fork p1", "p0 read 300 1");
        bench.relocate("p0", 300, 1, 4);
        bench.run("p0 putref h", "p1 read 300 1");
        assertEquals(outOfReach, bench.outOfReach());
        assertEquals(outOfReach, bench.bench().changes("rmap_stale").getOrDefault("rmap_stale", 0L));
    }

    @Test
    void relocatePinned() {
        SwitchEffect.ofExperiment(SwitchEffect.experiment(NEIGHBOURS + "- pin: {handle: h, in: b, at: 8KiB, size: 4KiB}\n" + MOVE + "- unpin: h\n"),
                Map.of("mremap_relocate", "flag"), Map.of("relocate_pinned", "allow"))
            .changes("relocations_refused{pinned}", 1, 0).changes("relocation_undos", 1, 0).changes("relocations", 0, 1)
            .andOnly(MERGED);
    }

    @Test
    void relocateLargeCross() {
        String steps = """
            - mmap: {name: a, at: 1GiB, size: 64KiB, prot: rw}
            - mmap: {name: b, at: 2GiB, size: 2MiB, prot: rw}
            - madvise: {in: a, advice: hugepage}
            - madvise: {in: b, advice: hugepage}
            - write: a
            - write: b
            - mremap: {in: b, size: 1MiB, to: 1GiB + 64KiB, relocate: true}
            - mark: moved
            """;
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"), Map.of("relocate_large_cross", "fail"))
            .changes("split_ok", 1, 0).changes("relocations", 1, 0).changes("relocations_refused{large_cross}", 0, 1)
            .andOnly(mergedAnd("folios_live", "folios_freed", "split_ok", "crossing_folios", "deferred_length", "refs_peak", "rmap_cost",
                "mapping_meta"));
    }

    @Test
    void relocateFailure() {
        String steps = NEIGHBOURS + "- pin: {handle: h, in: b, at: 8KiB, size: 4KiB}\n" + MOVE + "- unpin: h\n";
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"), Map.of("relocate_failure", "precheck_then_commit"))
            .changes("relocation_undos", 1, 0).andOnly(MERGED);
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"), Map.of("relocate_failure", "partial_keep_prefix"))
            .changes("relocation_undos", 1, 0).changes("relocations", 0, 1).changes("folios_relocated", 0, 2)
            .andOnly(MERGED);
    }

    @Test
    void relocateNonpresent() {
        String steps = NEIGHBOURS + """
            - getref: {handle: h, in: b, at: 8KiB, size: 4KiB}
            - madvise: {in: b, at: 8KiB, size: 4KiB, advice: pageout}
            - mremap: {in: b, to: 1GiB + 64KiB, relocate: true}
            - read: {at: 1GiB, size: 128KiB}
            - mark: moved
            - putref: h
            """;
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"),
                Map.of("relocate_nonpresent", "wait_migration_fix_swapcache"))
            .changes("safety_violations", 1, 0).andOnly("counter", "safety_violations");
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"), Map.of("relocate_nonpresent", "refuse"))
            .changes("safety_violations", 1, 0).changes("relocations_refused{nonpresent}", 0, 1).changes("relocations", 1, 0)
            .andOnly(mergedAnd("safety_violations"));
    }

    @Test
    void relocateKsm() {
        String steps = NEIGHBOURS.replace("write: b", "write: {in: b, tag: 7, same: true}")
            + "- madvise: {in: a, advice: mergeable}\n- madvise: {in: b, advice: mergeable}\n- ksm-scan: 3\n" + MOVE;
        SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of("mremap_relocate", "flag"), Map.of("relocate_ksm", "move_rmap_items"))
            .changes("counter{cow_ksm}", 16, 0).andOnly(mergedAnd("resident", "free", "folios_live",
                "folios_allocated", "folios_freed", "cow_copies", "cow_copies_avoidable", "faults", "anon_pages", "pss", "uss", "rmap_cost", "mapping_meta"));
    }

    @Test
    void mremapSpan() {
        RelocationBench multi = touched();
        multi.run("p0 mremap 300 4 4 fixed 4");
        assertEquals("ok", multi.run("p0 mremap 0 8 8 fixed 1000"));
        RelocationBench single = touched("mremap_span", "single_vma");
        single.run("p0 mremap 300 4 4 fixed 4");
        assertEquals("EFAULT", single.run("p0 mremap 0 8 8 fixed 1000"));
        assertEquals("{new_user_errors=1}", single.bench().changes("new_user_errors").toString());
        assertEquals("0+4 4+4", single.vmas("p0"));
        assertEquals("ok", single.run("p0 mremap 0 4 4 fixed 1000"));
    }

    /** C7.m and C7.p under each rule. */
    @ParameterizedTest(name = "merge_rule: {0}")
    @CsvSource({"6.18, 0+8, 0+4 4+4", "6.12, 0+4 4+4, 0+4 4+4", "ignore_fork_child, 0+8, 0+8"})
    void mergeRule(String rule, String touchedJoinsUntouched, String childExtends) {
        RelocationBench bench = new RelocationBench("merge_rule", rule);
        bench.run("p0 mmap 0 4" + ANON, "p0 mmap 4 4 r private anon", "p0 mprotect 4 4 none");
        bench.run("p0 mmap 4 4" + ANON);
        assertEquals("0+8", bench.vmas("p0"), "two untouched ones merge under every rule");
        bench.run("p0 munmap 4 4", "p0 mmap 4 4 r private anon", "p0 memwrite 4 4", "p0 mprotect 4 4 rw");
        assertEquals(touchedJoinsUntouched, bench.vmas("p0"));

        RelocationBench forked = new RelocationBench("merge_rule", rule);
        forked.run("p0 mmap 0 4" + ANON, "p0 write 0 4", "p0 fork p1", "p1 mmap 4 4" + ANON);
        assertEquals(childExtends, forked.vmas("p1"));
    }

    /** Pages 0 to 3 and 300 to 303 were touched. */
    private static RelocationBench touched(String... switches) {
        RelocationBench bench = new RelocationBench(switches);
        bench.run("p0 mmap 0 4" + ANON, "p0 mmap 300 4" + ANON, "p0 write 0 4", "p0 write 300 4");
        return bench;
    }

    /** realloc() of memory that is not at its end moves as well. */
    @Test
    void whatGrowsElsewhereIsRelocatedToo() {
        RelocationBench bench = touched("mremap_relocate", "auto_always", "relocate_nonpresent", "refuse");
        bench.run("p0 mmap 304 1" + ANON, "p0 mprotect 304 1 none");
        bench.bench().call("p0", new MemoryCall.Mremap(new PageRange(Arena.toPage(300), 4), 8, -1, true, false));
        assertEquals("{relocated_folios=4, relocations=1}", bench.counted());
        assertEquals(0, bench.outOfReach());
    }
}
