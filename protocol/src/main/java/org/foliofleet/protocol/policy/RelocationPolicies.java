package org.foliofleet.protocol.policy;

/**
 * What the switches say about whether mremap makes moved anonymous memory mergeable (thread C, MREMAP_RELOCATE_ANON).
 *
 * @param mremapRelocate when mremap rewrites the offsets of moved folios
 * @param relocateOffsetsWhenNoMerge whether offsets are rewritten where no merge follows
 * @param relocateSharedTest how a relocation knows that memory was never shared
 * @param relocatePinned pinned folios
 * @param relocateLargeCross large folios across the end of the range
 * @param relocateFailure what a relocation that fails half-way does
 * @param relocateNonpresent migration and swap entries
 * @param relocateKsm KSM pages
 * @param mremapSpan whether mremap moves more than one VMA
 * @param mergeRule which neighbouring anonymous VMAs merge
 */
public record RelocationPolicies(MremapRelocate mremapRelocate, boolean relocateOffsetsWhenNoMerge,
    RelocateSharedTest relocateSharedTest, RelocatePinned relocatePinned, RelocateLargeCross relocateLargeCross,
        RelocateFailure relocateFailure, RelocateNonpresent relocateNonpresent, RelocateKsm relocateKsm,
            MremapSpan mremapSpan, MergeRule mergeRule) {
    /** When mremap rewrites the offsets of moved folios: {@link Switch#MREMAP_RELOCATE}. */
    public enum MremapRelocate { OFF, FLAG, FLAG_MUST, AUTO_IF_NEIGHBOUR, AUTO_ALWAYS, PRCTL, LAZY_ON_SPAN }

    /** How a relocation knows that memory was never shared: {@link Switch#RELOCATE_SHARED_TEST}. */
    public enum RelocateSharedTest { CHAIN_CHILDREN_MAPCOUNT, EVER_COW_SHARED_BIT, MAPCOUNT_ONLY }

    /** Pinned folios: {@link Switch#RELOCATE_PINNED}. */
    public enum RelocatePinned { REFUSE, ALLOW }

    /** Large folios across the end of the range: {@link Switch#RELOCATE_LARGE_CROSS}. */
    public enum RelocateLargeCross { TRY_SPLIT, FAIL, SKIP_KEEP_OLD_OFFSETS }

    /** What a relocation that fails half-way does: {@link Switch#RELOCATE_FAILURE}. */
    public enum RelocateFailure { UNDO_FALLBACK, PRECHECK_THEN_COMMIT, PARTIAL_KEEP_PREFIX }

    /** Migration and swap entries: {@link Switch#RELOCATE_NONPRESENT}. */
    public enum RelocateNonpresent { SKIP, WAIT_MIGRATION_FIX_SWAPCACHE, REFUSE }

    /** KSM pages: {@link Switch#RELOCATE_KSM}. */
    public enum RelocateKsm { UNMERGE_FIRST, MOVE_RMAP_ITEMS, REFUSE }

    /** Whether mremap moves more than one VMA: {@link Switch#MREMAP_SPAN}. */
    public enum MremapSpan { MULTI_VMA_MOVE, SINGLE_VMA }

    /** Which neighbouring anonymous VMAs merge: {@link Switch#MERGE_RULE}. */
    public enum MergeRule { LINUX_6_18, LINUX_6_12, IGNORE_FORK_CHILD }

    static RelocationPolicies of(Policies policies) {
        return new RelocationPolicies(
            MremapRelocate.values()[policies.choice(Switch.MREMAP_RELOCATE)],
            policies.isOn(Switch.RELOCATE_OFFSETS_WHEN_NO_MERGE),
            RelocateSharedTest.values()[policies.choice(Switch.RELOCATE_SHARED_TEST)],
            RelocatePinned.values()[policies.choice(Switch.RELOCATE_PINNED)],
            RelocateLargeCross.values()[policies.choice(Switch.RELOCATE_LARGE_CROSS)],
            RelocateFailure.values()[policies.choice(Switch.RELOCATE_FAILURE)],
            RelocateNonpresent.values()[policies.choice(Switch.RELOCATE_NONPRESENT)],
            RelocateKsm.values()[policies.choice(Switch.RELOCATE_KSM)],
            MremapSpan.values()[policies.choice(Switch.MREMAP_SPAN)],
            MergeRule.values()[policies.choice(Switch.MERGE_RULE)]);
    }
}
