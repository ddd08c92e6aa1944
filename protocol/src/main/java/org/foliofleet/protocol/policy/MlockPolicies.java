package org.foliofleet.protocol.policy;

import java.util.Set;

/**
 * What the switches say about what mlock, VMA splits and pins do to large folios (thread A, support large folio for mlock).
 *
 * @param vmaSplitFolioPolicy what a VMA split does to an anonymous folio across the new boundary
 * @param splitRetries attempts of a split under {@code try_split_retry(n)}, else 1
 * @param vmaSplitTriggers which calls apply vma_split_folio_policy
 * @param splitShape whether a split keeps the largest possible orders on each side
 * @param mlockLargeRule which large folios mlock marks
 * @param munlockLargeRule when a large folio loses its mark
 * @param pinGranularity whether a pin holds the whole folio or only its pages
 * @param gupSplit whether a pin splits the folio first
 * @param pteMapQueuesDeferred whether mapping a THP by PTEs queues it for a deferred split
 * @param speculativeRefProbability how likely a split meets a passing reference, 0 to 1
 * @param speculativeRefHoldNanos how long such a reference is held
 */
public record MlockPolicies(VmaSplitFolioPolicy vmaSplitFolioPolicy, int splitRetries,
    Set<VmaSplitTrigger> vmaSplitTriggers, SplitShape splitShape, MlockLargeRule mlockLargeRule,
        MunlockLargeRule munlockLargeRule, PinGranularity pinGranularity, GupSplit gupSplit, boolean pteMapQueuesDeferred,
            double speculativeRefProbability, long speculativeRefHoldNanos) {
    /** What a VMA split does to an anonymous folio across the new boundary: {@link Switch#VMA_SPLIT_FOLIO_POLICY}. */
    public enum VmaSplitFolioPolicy { NONE, TRY_SPLIT, FAIL_ON_PINNED, QUEUE_DEFERRED, TRY_SPLIT_RETRY }

    /** Which calls apply vma_split_folio_policy: {@link Switch#VMA_SPLIT_TRIGGER}. */
    public enum VmaSplitTrigger { MLOCK, MUNLOCK, MPROTECT, MUNMAP, MREMAP, MADVISE_FLAG, MBIND, UFFD }

    /** Whether a split keeps the largest possible orders on each side: {@link Switch#SPLIT_SHAPE}. */
    public enum SplitShape { UNIFORM_ORDER0, NONUNIFORM_AT_BOUNDARY }

    /** Which large folios mlock marks: {@link Switch#MLOCK_LARGE_RULE}. */
    public enum MlockLargeRule { INSIDE_RANGE_FULLY_MAPPED, INSIDE_VMA_FULLY_MAPPED, ANY_MAPPING, NEVER_LARGE, PER_PAGE_BIT }

    /** When a large folio loses its mark: {@link Switch#MUNLOCK_LARGE_RULE}. */
    public enum MunlockLargeRule { ANY_REMOVAL_UNLOCKS, LAST_LOCKED_PAGE_UNLOCKS }

    /** Whether a pin holds the whole folio or only its pages: {@link Switch#PIN_GRANULARITY}. */
    public enum PinGranularity { FOLIO, PAGE }

    /** Whether a pin splits the folio first: {@link Switch#GUP_SPLIT}. */
    public enum GupSplit { NEVER, LONGTERM_ONLY, ALWAYS }

    static MlockPolicies of(Policies policies) {
        return new MlockPolicies(
            VmaSplitFolioPolicy.values()[policies.choice(Switch.VMA_SPLIT_FOLIO_POLICY)],
            policies.count(Switch.VMA_SPLIT_FOLIO_POLICY, 1),
            policies.chosen(Switch.VMA_SPLIT_TRIGGER, VmaSplitTrigger.class),
            SplitShape.values()[policies.choice(Switch.SPLIT_SHAPE)],
            MlockLargeRule.values()[policies.choice(Switch.MLOCK_LARGE_RULE)],
            MunlockLargeRule.values()[policies.choice(Switch.MUNLOCK_LARGE_RULE)],
            PinGranularity.values()[policies.choice(Switch.PIN_GRANULARITY)],
            GupSplit.values()[policies.choice(Switch.GUP_SPLIT)],
            policies.isOn(Switch.PTE_MAP_QUEUES_DEFERRED),
            policies.probability(Switch.SPECULATIVE_REF_RATE),
            policies.holdNanos(Switch.SPECULATIVE_REF_RATE));
    }
}
