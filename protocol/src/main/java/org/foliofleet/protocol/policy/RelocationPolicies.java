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
    public enum MremapRelocate {
        /** Never: a VMA that was touched keeps its offsets wherever it goes (R7.37). */
        OFF,
        /** Where the call says so; what cannot be done is not, silently. */
        FLAG,
        /** The same, and a second flag makes a failure of it: EFAULT. */
        FLAG_MUST,
        /** Wherever the moved VMA will then merge, and would not otherwise. */
        AUTO_IF_NEIGHBOUR,
        /** With every move of anonymous memory. */
        AUTO_ALWAYS,
        /** With every move of processes that asked for it. */
        PRCTL,
        /** When a call moves several VMAs at once: they become one where they arrive. */
        LAZY_ON_SPAN
    }

    /** How a relocation knows that memory was never shared: {@link Switch#RELOCATE_SHARED_TEST}. */
    public enum RelocateSharedTest {
        /** The VMA was not copied by fork, nobody was forked from it who lives, and each folio is mapped once. */
        CHAIN_CHILDREN_MAPCOUNT,
        /** No folio was ever shared by fork, whoever has it now. */
        EVER_COW_SHARED_BIT,
        /** Each folio is mapped once; others may still have it in swap, and are not found there afterwards. */
        MAPCOUNT_ONLY
    }

    /** Pinned folios: {@link Switch#RELOCATE_PINNED}. */
    public enum RelocatePinned {
        /** They stop a relocation, as they stop UFFDIO_MOVE. */
        REFUSE,
        /** They are rewritten like others: a device does not look at mapping or index. */
        ALLOW
    }

    /** Large folios across the end of the range: {@link Switch#RELOCATE_LARGE_CROSS}. */
    public enum RelocateLargeCross {
        /** They are split; if that fails, so does the relocation. */
        TRY_SPLIT,
        /** The relocation fails. */
        FAIL,
        /** Their part of the range moves as ever, and is a VMA of its own. */
        SKIP_KEEP_OLD_OFFSETS
    }

    /** What a relocation that fails half-way does: {@link Switch#RELOCATE_FAILURE}. */
    public enum RelocateFailure {
        /** What was rewritten is put back, as far as nobody has got hold of it meanwhile; then the range moves as ever. */
        UNDO_FALLBACK,
        /** All folios are looked at before the first is rewritten. */
        PRECHECK_THEN_COMMIT,
        /** What was rewritten stays so; the rest moves as ever, and is a VMA of its own. */
        PARTIAL_KEEP_PREFIX
    }

    /** Migration and swap entries: {@link Switch#RELOCATE_NONPRESENT}. */
    public enum RelocateNonpresent {
        /** They are overlooked: the folios behind them keep an index at which nobody will find their mappings. A bug. */
        SKIP,
        /** Migrations are waited for, and folios of the swap cache rewritten. */
        WAIT_MIGRATION_FIX_SWAPCACHE,
        /** They stop a relocation. */
        REFUSE
    }

    /** KSM pages: {@link Switch#RELOCATE_KSM}. */
    public enum RelocateKsm {
        /** As in every move, the process gets copies of its own first (R7.36). */
        UNMERGE_FIRST,
        /** They stay merged, and ksmd's items follow them. */
        MOVE_RMAP_ITEMS,
        /** They stop a relocation; the range moves as ever. */
        REFUSE
    }

    /** Whether mremap moves more than one VMA: {@link Switch#MREMAP_SPAN}. */
    public enum MremapSpan {
        /** A move to a given address without a change of size may (from 6.17 on). */
        MULTI_VMA_MOVE,
        /** EFAULT. */
        SINGLE_VMA
    }

    /** Which neighbouring anonymous VMAs merge: {@link Switch#MERGE_RULE}. */
    public enum MergeRule {
        /** R7.15. */
        LINUX_6_18,
        /** An untouched VMA is not extended by a touched one. */
        LINUX_6_12,
        /** Those of fork children are extended like others. */
        IGNORE_FORK_CHILD
    }

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
