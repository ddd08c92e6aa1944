package org.foliofleet.node.policy;

import static org.foliofleet.node.policy.SwitchEffect.of;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every switch of thread B ("reclaim lazyfree THP without splitting") on its scripts B-s1 to B-s7: what it changes, and nothing else. */
class UnmapSwitchesTest {
    /** T of the scripts: an exclusive, fully touched THP. */
    private static final String THP = """
        - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
        - madvise: {in: buf, advice: hugepage}
        - write: buf
        """;
    private static final String FREED_THP = THP + "- madvise: {in: buf, advice: free}\n";
    /** B-s1. */
    private static final String S1 = FREED_THP + "- reclaim:\n- mark: reclaimed\n";
    /** B-s2. */
    private static final String S2 = FREED_THP + "- write: {in: buf, size: 4KiB}\n- reclaim:\n- mark: reclaimed\n";
    /** B-s3, unlocked in the end: what mlock did to the entries decides. */
    private static final String S3 = FREED_THP + """
        - mlock: buf
        - reclaim:
        - mark: locked
        - munlock: buf
        - reclaim:
        - mark: unlocked
        """;
    /** B-s4: the child's two halves unlock twice what it locked once, so that the folio loses its mark. */
    private static final String S4 = FREED_THP + """
        - fork:
            name: child
            steps:
              - mlock: {at: 1GiB, size: 2MiB, onfault: true}
              - wait: 1ms
              - munmap: {at: 1GiB, size: 1MiB}
              - munmap: {at: 1025MiB, size: 1MiB}
        - mlock: {in: buf, onfault: true}
        - wait: 2ms
        - mark: unmarked
        - reclaim:
        - mark: reclaimed
        - reclaim:
        - mark: again
        """;
    /** B-s5: a device writes into a page that it holds. */
    private static final String S5 = FREED_THP + """
        - pin: {in: buf, size: 4KiB, handle: io}
        - reclaim:
        - mark: held
        - dma-write: io
        - unpin: io
        - mark: released
        """;
    /** B-s6: whole in the locked VMA, by PTEs, and not marked. */
    private static final String S6 = THP + """
        - mlock: {in: buf, size: 1MiB}
        - mlock: {in: buf, at: 1MiB}
        - mark: unmarked
        - reclaim:
        - mark: reclaimed
        - reclaim:
        - mark: again
        """;
    /** R7.12. */
    private static final String PROTECTED = FREED_THP + """
        - write: {in: buf, size: 8KiB}
        - mprotect: {in: buf, prot: r}
        - reclaim:
        - mark: reclaimed
        """;

    /** What follows from pages being mapped otherwise, or no longer. */
    static final List<String> OF_MAPPINGS = List.of("mapped", "anon_pages", "pss", "uss", "mapping_meta", "rmap_cost", "kernel_meta", "anon_vmas", "anon_vma_chains",
        "huge_coverage", "mean_order", "pmd_splits", "refs_peak", "refcount_headroom", "walk_cost", "overruns", "counter", "discard_entries");
    /** What follows from folios being there or not. */
    static final List<String> OF_FOLIOS = List.of("resident", "folios_live", "folios_freed", "folios_allocated", "free", "deferred_length",
        "retained_unmapped");

    /** One list of them, and of others. */
    static String[] and(Object... lists) {
        return Stream.of(lists).flatMap(list -> list instanceof List<?> names ? names.stream() : Stream.of(list)).toArray(String[]::new);
    }

    @Test
    void aLazyfreeThpIsDroppedWholeWithoutSplittingItsPmd() {
        of(S1, "lazyfree_pmd", "discard_whole").changes("pmd_splits@reclaimed", 1, 0).changes("discard_entries@reclaimed", 512, 1)
            .andOnly(and(OF_MAPPINGS));
        of(S1, "lazyfree_pmd", "discard_else_split").changes("pmd_splits@reclaimed", 1, 0).changes("discard_entries@reclaimed", 512, 1)
            .andOnly(and(OF_MAPPINGS));
    }

    @Test
    void aLazyfreeThpThatIsKeptStaysHugeUnlessItIsSplitThen() {
        of(S2, "lazyfree_pmd", "discard_whole").changes("pmd_splits@reclaimed", 1, 0).changes("huge_coverage@reclaimed", 0, 512)
            .andOnly(and(OF_MAPPINGS));
        of(S2, "lazyfree_pmd", "discard_else_split").andOnly();
    }

    @Test
    void aSplitBeforeTheWalkCostsTheHugeEntryOfWhatIsKept() {
        of(S4, "ttu_pmd_split_point", "before_walk").changes("huge_coverage@reclaimed", 512, 0)
            .andOnly(and(OF_MAPPINGS));
    }

    @Test
    void aPmdThatLosesItsDirtyBitLosesData() {
        of(PROTECTED, "pmd_protect_keeps_dirty", "false").changes("dirty_lost@reclaimed", 0, 2)
            .changes("safety_violations{dirty}@reclaimed", 0, 2)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, "dirty_lost", "safety_violations"));
    }

    @Test
    void whatTheUnmapWalkDoesNotMarkAgainIsScannedInEveryPass() {
        of(S6, "ttu_mlock_restore", "small_only").changes("mlocked@reclaimed", 512, 0).changes("locked_scanned@again", 512, 1024)
            .andOnly(and(OF_MAPPINGS, "mlocked", "locked_shortfall", "mlock_repairs", "locked_scanned", "swapped"));
        of(S6, "ttu_mlock_restore", "small_or_pmd").changes("mlocked@reclaimed", 512, 0)
            .andOnly(and(OF_MAPPINGS, "mlocked", "locked_shortfall", "mlock_repairs", "locked_scanned", "swapped"));
        of(S4, "ttu_mlock_restore", "small_or_pmd").andOnly();
        of(S4, "ttu_mlock_restore", "none").changes("mlock_repairs@again", 1, 0).changes("locked_scanned@again", 512, 1024)
            .andOnly(and(OF_MAPPINGS, "mlocked", "locked_shortfall", "mlock_repairs", "locked_scanned"));
    }

    @Test
    void lockedMemoryIsLostOnlyIfTheDiscardComesFirst() {
        of(S4, "mlock_vs_lazyfree_order", "lazyfree_first").changes("safety_violations{locked}@reclaimed", 0, 512)
            .changes("mapped@reclaimed", 512, 0)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, "safety_violations", "locked_scanned", "mlock_repairs", "mlocked", "locked_shortfall"));
    }

    @Test
    void mlockThatPopulatesByReadingLeavesTheFolioLazyfree() {
        of(S3, "mlock_populate_dirties", "false").changes("mapped@unlocked", 512, 0).changes("discard_entries@unlocked", 0, 512)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS));
    }

    @Test
    void withoutTheReferenceTestWhatAHolderWritesIsLost() {
        of(S5, "lazyfree_ref_check", "none").changes("safety_violations{held}@held", 0, 1).changes("dirty_lost@released", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, "safety_violations", "dirty_lost"));
    }
}
