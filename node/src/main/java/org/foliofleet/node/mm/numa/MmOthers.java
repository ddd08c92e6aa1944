package org.foliofleet.node.mm.numa;

import java.util.List;

/**
 * Mappings of a large folio by mms beyond the first two that are tracked. Of mappings without a slot only moments are kept:
 * they are all by the same mm if and only if their variance is 0, so that the exact answer to "does anybody else map it?"
 * stays known, at the same cost for any number of mms.
 *
 * @param slots   further tracked mms, empty unless {@code shared_test} has more than two; a free slot has mm 0
 * @param sum     of the numbers of the mms of all mappings that no slot counts
 * @param squares of these numbers' squares, modulo 2^64
 */
public record MmOthers(List<Slot> slots, long sum, long squares) {
    static final MmOthers NONE = new MmOthers(List.of(), 0, 0);

    /**
     * A tracked mm.
     *
     * @param mappings by it
     */
    public record Slot(int mm, long mappings) {
        static final Slot FREE = new Slot(0, 0);
    }

    /** With {@code mappings} more (less, if negative) of an mm that no slot counts. */
    MmOthers withUntracked(int mm, long mappings) {
        return new MmOthers(slots, sum + mm * mappings, squares + (long) mm * mm * mappings);
    }

    long sumWithSlots() {
        long all = sum;
        for (Slot slot : slots) {
            all += slot.mm * slot.mappings;
        }
        return all;
    }

    long squaresWithSlots() {
        long all = squares;
        for (Slot slot : slots) {
            all += (long) slot.mm * slot.mm * slot.mappings;
        }
        return all;
    }

    /** Itself, or null if it tells nothing. */
    MmOthers orNull() {
        return sum == 0 && squares == 0 && slots.isEmpty() ? null : this;
    }
}
