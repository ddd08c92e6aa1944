package org.foliofleet.protocol.policy;

import java.util.Locale;

/** What happens when a folio's reference count meets its limit: the values of {@link Switch#REFCOUNT_OVERFLOW}. */
public enum RefcountOverflow {
    /** The kernel: GUP refuses a count that is not positive; faults, fork and all other mapping paths count on and wrap. */
    UNCHECKED_MAP_CHECKED_GUP,
    /** An early threshold, half of the positive range: fork and faults fail with ENOMEM. */
    FAIL_FORK_AND_FAULT,
    /** The count stays at its limit and never falls again: nothing fails, the folio is never freed. */
    SATURATE,
    /** The counter of this folio grows to 64 bits. */
    WIDE;

    /** The value in experiment files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
