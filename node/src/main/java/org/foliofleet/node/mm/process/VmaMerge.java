package org.foliofleet.node.mm.process;

import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.RelocationPolicies.MergeRule;

/**
 * Whether a range joins the VMAs beside it: {@code vma_merge_new_range()}, {@code vma_merge_existing_range()} and
 * {@code can_vma_merge_left()}, {@code can_vma_merge_right()}, mm/vma.c of 6.18 (R7.14 to R7.17). Decides only.
 *
 * <pre>
 *   left            right           both            left, in part   right, in part
 *   PPPP****        ****NNNN        PPPP****NNNN    PPPP****....    ....****NNNN
 *   PPPPPPPP        NNNNNNNN        PPPPPPPPPPPP    PPPPPPPP....    ....NNNNNNNN
 * </pre>
 *
 * <p>P is the VMA before, N the one after, * the range, . the rest of the VMA that the range is a part of.
 */
final class VmaMerge {
    /** With which neighbours the range becomes one VMA. */
    enum Sides {
        NONE, LEFT, RIGHT, BOTH;

        boolean left() {
            return this == LEFT || this == BOTH;
        }

        boolean right() {
            return this == RIGHT || this == BOTH;
        }
    }

    /** Flags that need not agree, and that what is merged has if any part had it ({@code VM_STICKY}). */
    static final long STICKY = VmaFlags.MAYBE_GUARD;

    private VmaMerge() {}

    /**
     * A new mapping, or with the anon_vma of the VMA it is copied from, the target of mremap.
     *
     * @param range    the mapping as it would be on its own
     * @param previous the VMA before it, or null; need not touch it
     * @param next     the VMA after it, or null
     * @param rule     whose anon_vmas go together
     */
    static Sides ofNew(VmaInfo range, VmaInfo previous, VmaInfo next, MergeRule rule) {
        if (range.has(VmaFlags.SPECIAL)) {
            return Sides.NONE;
        }
        return sides(mergesLeft(range, previous, rule), mergesRight(range, next, rule), previous, next);
    }

    /**
     * A part of a VMA whose attributes change: only a part at its beginning or end has a neighbour outside of it.
     *
     * @param range the part with its new attributes
     * @param whole the VMA
     */
    static Sides ofChanged(VmaInfo range, VmaInfo whole, VmaInfo previous, VmaInfo next, MergeRule rule) {
        if (range.has(VmaFlags.SPECIAL)) {
            return Sides.NONE;
        }
        boolean left = range.start() == whole.start() && mergesLeft(range, previous, rule);
        boolean right = range.end() == whole.end() && mergesRight(range, next, rule);
        return sides(left, right, previous, next);
    }

    private static Sides sides(boolean left, boolean right, VmaInfo previous, VmaInfo next) {
        if (left && right) {
            AnonVma before = previous.anonVma();
            AnonVma after = next.anonVma();
            boolean agree = before == null || after == null || before.isSameAs(after);
            return agree ? Sides.BOTH : Sides.LEFT;
        }
        return left ? Sides.LEFT : right ? Sides.RIGHT : Sides.NONE;
    }

    private static boolean mergesLeft(VmaInfo range, VmaInfo previous, MergeRule rule) {
        return previous != null && previous.end() == range.start()
                && previous.pageOffset() + previous.pages() == range.pageOffset() && isMergeable(range, previous, rule);
    }

    private static boolean mergesRight(VmaInfo range, VmaInfo next, MergeRule rule) {
        return next != null && next.start() == range.end()
                && next.pageOffset() == range.pageOffset() + range.pages() && isMergeable(range, next, rule);
    }

    /** {@code is_mergeable_vma()} and {@code is_mergeable_anon_vma()}. */
    private static boolean isMergeable(VmaInfo range, VmaInfo target, MergeRule rule) {
        return ((range.flags() ^ target.flags()) & ~STICKY) == 0 && range.sameObjectAndPolicy(target)
                && isAnonVmaMergeable(range.anonVma(), target.anonVma(), rule);
    }

    /**
     * R7.15: the target takes the anon_vma of the range, or keeps its own; a fork child's is not extended. Of 6.12: a target
     * takes no anon_vma, because its chain has no entry, which is as bad as several.
     */
    private static boolean isAnonVmaMergeable(AnonVma source, AnonVma target, MergeRule rule) {
        if (target == null) {
            return source == null || rule == MergeRule.IGNORE_FORK_CHILD || rule == MergeRule.LINUX_6_18 && !source.isForkChild();
        }
        if (source == null) {
            return rule == MergeRule.IGNORE_FORK_CHILD || !target.isForkChild();
        }
        return source.isSameAs(target);
    }

    /**
     * What the surviving VMA is afterwards: its own anon_vma if it has one, else the first that another brings ({@code
     * dup_anon_vma()}).
     */
    static VmaInfo joined(VmaInfo target, long start, long end, VmaInfo... others) {
        AnonVma anonVma = target.anonVma();
        long flags = target.flags();
        for (VmaInfo other : others) {
            anonVma = anonVma == null ? other.anonVma() : anonVma;
            flags |= other.flags() & STICKY;
        }
        return target.withRange(target.id(), start, end).withAnonVma(anonVma).withFlags(flags);
    }
}
