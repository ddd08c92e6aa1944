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
    public enum TtuPmdSplitPoint { ON_ENTRY, BEFORE_WALK }

    /** How reclaim drops a PMD-mapped lazyfree THP: {@link Switch#LAZYFREE_PMD}. */
    public enum LazyfreePmd { SPLIT_THEN_PTES, DISCARD_WHOLE, DISCARD_ELSE_SPLIT }

    /** Which folios the unmap walk marks mlocked again: {@link Switch#TTU_MLOCK_RESTORE}. */
    public enum TtuMlockRestore { FULLY_MAPPED_ONE_TABLE, SMALL_ONLY, SMALL_OR_PMD, NONE }

    /** Which test of the unmap walk comes first: {@link Switch#MLOCK_VS_LAZYFREE_ORDER}. */
    public enum MlockVsLazyfreeOrder { MLOCK_TEST_FIRST, LAZYFREE_FIRST }

    /** Whether an extra reference stops a lazyfree discard: {@link Switch#LAZYFREE_REF_CHECK}. */
    public enum LazyfreeRefCheck { STRICT, NONE }

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
