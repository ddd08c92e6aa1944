package org.foliofleet.node.policy;

import static org.foliofleet.node.policy.UnmapSwitchesTest.OF_FOLIOS;
import static org.foliofleet.node.policy.UnmapSwitchesTest.OF_MAPPINGS;
import static org.foliofleet.node.policy.UnmapSwitchesTest.and;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every switch of thread A ("support large folio for mlock") on its scripts A-s1 to A-s8: what it changes, and nothing else. */
class MlockSwitchesTest {
    private static final String ALL_CALLS = "{mlock,munlock,mprotect,munmap,mremap,madvise_flag,mbind,uffd}";
    /** What follows from folios being split or not. */
    private static final List<String> OF_SPLITS = List.of("split_ok", "split_fail", "crossing_folios", "deferred_queued", "deferred_peak",
        "folios_partially_mapped", "mean_order", "cow_reuses", "faults", "swapped", "order_weight");
    private static final List<String> OF_LOCKS = List.of("mlocked", "locked_shortfall", "locked_excess", "mlock_repairs", "locked_scanned");

    /** T of the scripts. */
    private static final String THP = """
        - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
        - madvise: {in: buf, advice: hugepage}
        - write: buf
        """;
    /** A-s1. */
    private static final String S1 = THP + """
        - mlock: {in: buf, size: 1MiB}
        - mark: locked
        - reclaim:
        - mark: reclaimed
        """;
    /** A-s2: eight mappings that merged, a THP behind the application's back, one piece locked. */
    private static final String S2 = """
        - repeat:
            times: 8
            index: i
            steps: [{mmap: {at: 1GiB + i * 256KiB, size: 256KiB, prot: rw}}]
        - write: {at: 1GiB, size: 2MiB}
        - madvise: {at: 1GiB, size: 2MiB, advice: collapse}
        - mlock: {at: 1536KiB + 1GiB, size: 256KiB}
        - mark: locked
        """;
    /** A-s3: (a) to (e) of the thread. */
    private static final String S3 = THP + """
        - pin: {in: buf, handle: whole}
        - pin: {in: buf, size: 1MiB, handle: half}
        - unpin: whole
        - munmap: {in: buf, at: 1MiB}
        - mark: unmapped
        - shrink:
        - mark: shrunk
        - unpin: half
        - shrink:
        - mark: unpinned
        """;
    /** A-s5: direct I/O of one page while another is protected. */
    private static final String S5 = THP + """
        - pin: {in: buf, size: 4KiB, handle: io, for: 1ms}
        - mprotect: {in: buf, at: 1MiB, size: 4KiB, prot: r}
        - mark: protected
        - wait: 2ms
        """;
    /** A-s6: protected and unprotected again and again. */
    private static final String S6 = THP + """
        - repeat:
            times: 20
            steps:
              - mprotect: {in: buf, at: 1MiB, size: 4KiB, prot: r}
              - mprotect: {in: buf, at: 1MiB, size: 4KiB, prot: rw}
        - mark: toggled
        - shrink:
        - mark: shrunk
        """;
    /** A-s7. */
    private static final String S7 = THP + """
        - mlock: buf
        - munlock: {in: buf, size: 1MiB}
        - mark: half
        - munlock: {in: buf, at: 1MiB}
        - mark: none
        """;
    /** A-s8. */
    private static final String S8 = THP + """
        - mlock: {in: buf, size: 1MiB}
        - mlock: {in: buf, at: 1MiB}
        - mark: locked
        """;

    private static SwitchEffect of(String steps, String... switches) {
        Map<String, String> changed = new TreeMap<>();
        for (int i = 0; i < switches.length; i += 2) {
            changed.put(switches[i], switches[i + 1]);
        }
        return SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of(), changed);
    }

    private static SwitchEffect split(String steps, String policy, String... more) {
        Map<String, String> changed = new TreeMap<>(Map.of("vma_split_folio_policy", policy, "vma_split_trigger", ALL_CALLS));
        for (int i = 0; i < more.length; i += 2) {
            changed.put(more[i], more[i + 1]);
        }
        return SwitchEffect.ofExperiment(SwitchEffect.experiment(steps), Map.of(), changed);
    }

    @Test
    void aFolioThatIsSplitWithItsVmaIsLockedAtOnce() {
        split(S1, "try_split").changes("mlocked@locked", 0, 256).changes("split_ok@locked", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
        split(S8, "try_split").changes("mlocked@locked", 0, 512).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
        split(S7, "try_split").changes("mlocked@half", 0, 256).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
    }

    @Test
    void aSplitAtTheBoundaryKeepsTheLargestFolios() {
        split(S1, "try_split", "split_shape", "nonuniform_at_boundary").changes("folios_live{8}@locked", 0, 2)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
        split(S2, "try_split", "split_shape", "nonuniform_at_boundary").changes("folios_live{8}@locked", 0, 1)
            .changes("folios_live{7}@locked", 0, 1).changes("folios_live{6}@locked", 0, 2)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
        split(S2, "try_split").changes("folios_live{0}@locked", 0, 512).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
    }

    @Test
    void onlyTheCallsThatAreNamedSplitFolios() {
        of(S1, "vma_split_folio_policy", "try_split", "vma_split_trigger", "{munmap,mprotect}").andOnly();
        of(S1, "vma_split_folio_policy", "try_split", "vma_split_trigger", "{mlock}").changes("mlocked@locked", 0, 256)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
        of(S6, "vma_split_folio_policy", "try_split", "vma_split_trigger", "{mprotect}").changes("folios_live{9}@toggled", 1, 0)
            .changes("split_ok@toggled", 0, 1).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS));
        String advised = THP + "- madvise: {in: buf, size: 1MiB, advice: dontfork}\n- mark: end\n";
        of(advised, "vma_split_folio_policy", "try_split", "vma_split_trigger", "{madvise_flag}").changes("split_ok@end", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS));
        String moved = THP + "- mremap: {in: buf, size: 1MiB, to: 3GiB}\n- mark: end\n";
        of(moved, "vma_split_folio_policy", "try_split", "vma_split_trigger", "{mremap}").changes("split_ok@end", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS));
        String bound = THP + "- mbind: {in: buf, size: 1MiB, mode: bind, nodes: [0]}\n- mark: end\n";
        of(bound, "vma_split_folio_policy", "try_split", "vma_split_trigger", "{mbind}").changes("split_ok@end", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS));
        String watched = THP + "- uffd-register: {in: buf, size: 1MiB, modes: [wp]}\n- mark: end\n";
        of(watched, "vma_split_folio_policy", "try_split", "vma_split_trigger", "{uffd}").changes("split_ok@end", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS));
    }

    @Test
    void aPinnedFolioStaysWholeAndTheUnmappedHalfWithIt() {
        split(S3, "try_split").changes("split_fail{pinned}@unmapped", 0, 1).andOnly("split_fail", "counter", "overruns", "rmap_cost");
    }

    @Test
    void aCallThatFailsOnPinsIsNotTransparent() {
        split(S3, "fail_on_pinned").changes("new_user_errors@unmapped", 0, 1).changes("calls_failed{munmap,EAGAIN}", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "calls_failed", "new_user_errors", "vmas"));
        split(S3, "fail_on_pinned_ebusy").changes("calls_failed{munmap,EBUSY}", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "calls_failed", "new_user_errors", "vmas"));
        split(S5, "fail_on_pinned").changes("calls_failed{mprotect,EAGAIN}", 0, 1).changes("vmas@protected", 3, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "calls_failed", "new_user_errors"));
    }

    @Test
    void aSplitThatIsTriedAgainSucceedsOnceTheIoIsOver() {
        split(S5, "try_split").changes("split_fail{pinned}@protected", 0, 2).andOnly("split_fail", "counter", "overruns", "rmap_cost");
        split(S5, "try_split_retry(3)").changes("split_ok@protected", 0, 1).changes("split_fail{pinned}@protected", 0, 1)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "pinned_folios"));
    }

    @Test
    void foliosThatWaitInTheQueueAreSplitByTheShrinker() {
        split(S6, "queue_deferred").changes("split_ok@shrunk", 0, 1).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS));
        of(S6, "pte_map_queues_deferred", "true").changes("split_ok@shrunk", 0, 1).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS));
        split(S1, "queue_deferred").andOnly("counter", "rmap_cost");
    }

    @Test
    void pinsOfPagesLetTheRestOfTheFolioGo() {
        split(S3, "try_split", "pin_granularity", "page").changes("retained_unmapped@unmapped", 256, 0)
            .changes("folios_live{8}@unmapped", 0, 1).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "pinned_folios"));
        of(S3, "pin_granularity", "page").changes("retained_unmapped@shrunk", 256, 0)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "pinned_folios"));
    }

    @Test
    void aPinThatSplitsDestroysTheFolio() {
        of(S5, "gup_split", "always").changes("split_ok@protected", 0, 1).andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "pinned_folios"));
        of(S5, "gup_split", "longterm_only").andOnly();
        of(S3, "gup_split", "longterm_only").changes("retained_unmapped@unmapped", 256, 0)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "pinned_folios"));
        String half = THP + "- pin: {in: buf, size: 1MiB, handle: half}\n- mark: pinned\n";
        of(half, "gup_split", "always", "split_shape", "nonuniform_at_boundary").changes("folios_live{8}@pinned", 0, 2)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, "pinned_folios"));
    }

    @Test
    void passingReferencesDefeatSplits() {
        SwitchEffect.ofExperiment(SwitchEffect.experiment(S1), Map.of("vma_split_folio_policy", "try_split", "vma_split_trigger", ALL_CALLS),
            Map.of("speculative_ref_rate", "(1,1ms)")).changes("split_fail{spec}@locked", 0, 1).changes("mlocked@locked", 256, 0)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
    }

    @Test
    void whichLargeFoliosAreLocked() {
        of(S8, "mlock_large_rule", "inside_vma_fully_mapped").changes("mlocked@locked", 0, 512).andOnly(and(OF_LOCKS, "counter"));
        of(S1, "mlock_large_rule", "inside_vma_fully_mapped").andOnly();
        of(S1, "mlock_large_rule", "any_mapping").changes("mlocked@locked", 0, 512).changes("locked_excess@locked", 0, 256)
            .andOnly(and(OF_MAPPINGS, OF_FOLIOS, OF_SPLITS, OF_LOCKS));
        of(S1, "mlock_large_rule", "per_page_bit").changes("mlocked@locked", 0, 256).changes("locked_shortfall@locked", 256, 0)
            .andOnly(and(OF_LOCKS, "counter"));
        String whole = THP + "- mlock: buf\n- mark: locked\n";
        of(whole, "mlock_large_rule", "never_large").changes("mlocked@locked", 512, 0).andOnly(and(OF_LOCKS, "counter"));
    }

    @Test
    void aFolioStaysLockedUntilItsLastLockedPageGoes() {
        of(S7, "munlock_large_rule", "last_locked_page_unlocks").changes("mlocked@half", 0, 512).changes("locked_excess@half", 0, 256)
            .andOnly(and(OF_LOCKS, "counter"));
        String unmapped = THP + "- mlock: buf\n- munmap: {in: buf, size: 1MiB}\n- mark: half\n";
        of(unmapped, "munlock_large_rule", "last_locked_page_unlocks").changes("mlocked@half", 0, 512)
            .andOnly(and(OF_LOCKS, "counter"));
    }
}
