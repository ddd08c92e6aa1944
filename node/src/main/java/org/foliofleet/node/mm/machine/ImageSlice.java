package org.foliofleet.node.mm.machine;

import java.util.List;

/**
 * A piece of an image of all owners, which is written over many commits: from the first slice to the last every owner is
 * written, as unchanged here or because it changed.
 *
 * @param first whether an image begins
 * @param last  whether it is whole with this
 * @param rows  owners that have not changed, by key
 */
public record ImageSlice(boolean first, boolean last, List<OwnerRow> rows) {
    /** Of a commit that has all owners anyway. */
    public static final ImageSlice WHOLE = new ImageSlice(true, true, List.of());
    /** Of a commit that adds nothing to an image. */
    public static final ImageSlice NONE = new ImageSlice(false, false, List.of());
}
