package org.foliofleet.protocol.policy;

/**
 * What the switches say about how reclaim unmaps and discards folios (thread B, reclaim lazyfree THP without splitting).
 *
 * @param ttuPmdSplitPoint when the unmap walk splits a PMD
 * @param lazyfreePmd how reclaim drops a PMD-mapped lazyfree THP
 * @param pmdProtectKeepsDirty whether a PMD keeps its dirty bit when its protection changes
 * @param ttuMlockRestore which folios the unmap walk marks mlocked again
 * @param mlockVsLazyfreeOrder which test of the unmap walk comes first
 * @param mlockPopulateDirties whether mlock populates by writing
 * @param lazyfreeRefCheck whether an extra reference stops a lazyfree discard
 */
public record UnmapPolicies(TtuPmdSplitPoint ttuPmdSplitPoint, LazyfreePmd lazyfreePmd, boolean pmdProtectKeepsDirty,
    TtuMlockRestore ttuMlockRestore, MlockVsLazyfreeOrder mlockVsLazyfreeOrder, boolean mlockPopulateDirties,
        LazyfreeRefCheck lazyfreeRefCheck) {
    /** When the unmap walk splits a PMD: {@link Switch#TTU_PMD_SPLIT_POINT}. */
    public enum TtuPmdSplitPoint {
        /** When it meets the entry, after the test for VM_LOCKED (R6.14). */
        ON_ENTRY,
        /** Before it starts, even if the folio is then kept or discarded: up to 6.10. */
        BEFORE_WALK
    }

    /** How reclaim drops a PMD-mapped lazyfree THP: {@link Switch#LAZYFREE_PMD}. */
    public enum LazyfreePmd {
        /** The PMD is split and the PTEs go in one batch: 6.12.117 and 6.18.44 (R6.14). */
        SPLIT_THEN_PTES,
        /** The PMD goes as it is, or stays as it is: 6.18.13 and 7.2.13. */
        DISCARD_WHOLE,
        /** The PMD goes as it is; if it may not go it is split. */
        DISCARD_ELSE_SPLIT
    }

    /** Which folios the unmap walk marks mlocked again: {@link Switch#TTU_MLOCK_RESTORE}. */
    public enum TtuMlockRestore {
        /** All that a locked VMA maps whole within one page table (R6.12, R6.14). */
        FULLY_MAPPED_ONE_TABLE,
        /** Folios of one page: 6.12. */
        SMALL_ONLY,
        /** Those, and folios mapped by a PMD: what the thread settled on. */
        SMALL_OR_PMD,
        /** None: reclaim meets them again in every pass. */
        NONE
    }

    /** Which test of the unmap walk comes first: {@link Switch#MLOCK_VS_LAZYFREE_ORDER}. */
    public enum MlockVsLazyfreeOrder {
        /** A locked VMA keeps what it maps before anything is discarded (R6.14). */
        MLOCK_TEST_FIRST,
        /** A model of the bug that the thread feared: locked memory is discarded if it is lazyfree. */
        LAZYFREE_FIRST
    }

    /** Whether an extra reference stops a lazyfree discard: {@link Switch#LAZYFREE_REF_CHECK}. */
    public enum LazyfreeRefCheck {
        /** References beyond the mappings and the caller's keep the folio (R6.15). */
        STRICT,
        /** Nobody looks: what a holder writes afterwards is lost. */
        NONE
    }

    static UnmapPolicies of(Policies policies) {
        return new UnmapPolicies(
            TtuPmdSplitPoint.values()[policies.choice(Switch.TTU_PMD_SPLIT_POINT)],
            LazyfreePmd.values()[policies.choice(Switch.LAZYFREE_PMD)],
            policies.isOn(Switch.PMD_PROTECT_KEEPS_DIRTY),
            TtuMlockRestore.values()[policies.choice(Switch.TTU_MLOCK_RESTORE)],
            MlockVsLazyfreeOrder.values()[policies.choice(Switch.MLOCK_VS_LAZYFREE_ORDER)],
            policies.isOn(Switch.MLOCK_POPULATE_DIRTIES),
            LazyfreeRefCheck.values()[policies.choice(Switch.LAZYFREE_REF_CHECK)]);
    }
}
