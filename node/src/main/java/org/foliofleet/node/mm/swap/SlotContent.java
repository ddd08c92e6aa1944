package org.foliofleet.node.mm.swap;

/**
 * What a written slot holds, in the form that the slots of a run share.
 *
 * @param tag    content tag, 0 for zero-filled pages of a large folio that were written with it
 * @param source page index in the content minus slot number; {@link #NO_SOURCE} where it was left out
 * @param zero   nothing was written, the {@code zeromap} bit is set
 */
record SlotContent(long tag, long source, boolean zero) {
    static final long NO_SOURCE = Long.MIN_VALUE;

    long sourceOf(long slot) {
        return source == NO_SOURCE ? -1 : source + slot;
    }
}
