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
    public enum VmaSplitFolioPolicy {
        /** The PMD is split, the folio stays whole (R7.13, R8.9). */
        NONE,
        /** The folio is split too; if that fails it stays as it is (R8). */
        TRY_SPLIT,
        /** The same; if the folio is pinned the call fails with EAGAIN and the VMA stays whole. */
        FAIL_ON_PINNED,
        /** The folio goes to the deferred split queue (R8.12). */
        QUEUE_DEFERRED,
        /** As {@code fail_on_pinned}, with EBUSY. */
        FAIL_ON_PINNED_EBUSY,
        /** Up to n attempts, 4 ms apart, the call waiting. */
        TRY_SPLIT_RETRY
    }

    /** Which calls apply vma_split_folio_policy: {@link Switch#VMA_SPLIT_TRIGGER}. */
    public enum VmaSplitTrigger {
        /** mlock() and mlock2(). */
        MLOCK,
        /** munlock(). */
        MUNLOCK,
        /** mprotect(). */
        MPROTECT,
        /** munmap(), and mmap() over a mapping. */
        MUNMAP,
        /** mremap() of a part. */
        MREMAP,
        /** Advices that change flags of VMAs. */
        MADVISE_FLAG,
        /** mbind() and set_mempolicy_home_node(). */
        MBIND,
        /** Registration of a userfaultfd, and its end. */
        UFFD
    }

    /** Whether a split keeps the largest possible orders on each side: {@link Switch#SPLIT_SHAPE}. */
    public enum SplitShape {
        /** Into single pages (R8.8). */
        UNIFORM_ORDER0,
        /** Into the largest folios that do not cross the boundary. */
        NONUNIFORM_AT_BOUNDARY
    }

    /** Which large folios mlock marks: {@link Switch#MLOCK_LARGE_RULE}. */
    public enum MlockLargeRule {
        /** Those that lie in the range of the call, are mapped whole, and by one page table (R7.21). */
        INSIDE_RANGE_FULLY_MAPPED,
        /** Those that lie in the VMA, whatever call locked which part of it. */
        INSIDE_VMA_FULLY_MAPPED,
        /** All that are mapped there, even in part. */
        ANY_MAPPING,
        /** None. */
        NEVER_LARGE,
        /** Ideal accounting: exactly the pages that locked VMAs map count as locked; the folio leaves the LRU if all of its pages do. */
        PER_PAGE_BIT
    }

    /** When a large folio loses its mark: {@link Switch#MUNLOCK_LARGE_RULE}. */
    public enum MunlockLargeRule {
        /** Any part that is unlocked or unmapped in a locked VMA unlocks the folio (R7.22, R6.9). */
        ANY_REMOVAL_UNLOCKS,
        /** The last page that a locked VMA maps does. */
        LAST_LOCKED_PAGE_UNLOCKS
    }

    /** Whether a pin holds the whole folio or only its pages: {@link Switch#PIN_GRANULARITY}. */
    public enum PinGranularity {
        /** A pin of any page holds the folio (R1.11). */
        FOLIO,
        /** The pages that are not pinned can be split off; coalesced buffers keep the pins of all pages. */
        PAGE
    }

    /** Whether a pin splits the folio first: {@link Switch#GUP_SPLIT}. */
    public enum GupSplit {
        /** Pins leave folios as they are (R8.9). */
        NEVER,
        /** Long-term pins split them. */
        LONGTERM_ONLY,
        /** So do short ones, as of direct I/O. */
        ALWAYS
    }

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
