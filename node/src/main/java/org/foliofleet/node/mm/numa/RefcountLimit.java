package org.foliofleet.node.mm.numa;

import org.foliofleet.protocol.policy.MappingPolicies;
import org.foliofleet.protocol.policy.RefcountOverflow;

/**
 * What a reference count of limited width shows of the exact one, and what happens at its limit (R1.17 to R1.20, MM-SEMANTICS
 * 17.5, {@code refcount_bits} and {@code refcount_overflow}).
 *
 * @param bits   16, 24, 32 or 64; signed
 * @param policy what happens at the limit
 */
record RefcountLimit(int bits, RefcountOverflow policy) {
    /** @param large of large folios, which may have a width of their own */
    static RefcountLimit of(MappingPolicies mapping, boolean large) {
        return new RefcountLimit(mapping.refcountBitsOfLargeOnly() && !large ? Integer.SIZE : mapping.refcountBits(), mapping.refcountOverflow());
    }

    private boolean isUnlimited() {
        return bits >= Long.SIZE || policy == RefcountOverflow.WIDE;
    }

    /** The largest count that the width can show. */
    long max() {
        return isUnlimited() ? Long.MAX_VALUE : (1L << bits - 1) - 1;
    }

    /** What the count shows: it wraps, or stays at its maximum. */
    long shown(long references) {
        if (references <= max()) {
            return references;
        }
        if (policy == RefcountOverflow.SATURATE) {
            return max();
        }
        int unused = Long.SIZE - bits;
        return references << unused >> unused;
    }

    /** How often a count went from positive to negative on its way up. */
    long overflows(long before, long after) {
        if (after <= max() || policy == RefcountOverflow.SATURATE) {
            return 0;
        }
        return (after + max() + 1 >> bits) - (before + max() + 1 >> bits);
    }

    /** A decrement found the count at 0 though references are left: the folio would be freed. */
    boolean isFreedTooEarly(long after) {
        return after > max() && shown(after) == 0;
    }

    /** Whether fork and faults refuse to add so many references: from half of the maximum on, under that policy. */
    boolean refusesMapping(long references, long added) {
        return policy == RefcountOverflow.FAIL_FORK_AND_FAULT && !isUnlimited() && references + added > max() / 2 + 1;
    }

    /**
     * Of so many references, each taken apart, how many GUP is granted: it refuses a count that is not positive.
     *
     * @param weight references that each of them adds
     */
    long granted(long references, long wanted, long weight) {
        if (isUnlimited() || policy == RefcountOverflow.SATURATE || references + wanted * weight <= max()) {
            return wanted;
        }
        long shown = shown(references);
        if (shown <= 0) {
            return 0;
        }
        return Math.min(wanted, (max() - shown) / weight + 1);
    }
}
