package org.foliofleet.node.mm.numa;

/**
 * What a page holds, in the form that the pages of a run share. Zero-filled pages have no content.
 *
 * @param tag    content tag, not 0
 * @param source page index in the content minus frame number; {@link #NO_SOURCE} where it was left out
 */
public record Content(long tag, long source) {
    public static final long NO_SOURCE = Long.MIN_VALUE;

    /** The page index that was stored into this frame, -1 if it was left out. */
    public long sourceOf(long frame) {
        return source == NO_SOURCE ? -1 : source + frame;
    }
}
