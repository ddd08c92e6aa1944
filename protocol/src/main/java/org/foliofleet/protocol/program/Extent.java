package org.foliofleet.protocol.program;

import org.foliofleet.protocol.id.PageRange;

/**
 * Where a step acts: pages of a named region, of a file, or of the address space.
 *
 * @param region name of the region that {@code at} counts from, or empty: {@code at} is an address (or a file page)
 * @param at     first page
 * @param size   pages, or null: up to the end of the region
 */
public record Extent(String region, Amount at, Amount size) {
    /** An extent of the address space or of a file. */
    public static Extent absolute(Amount at, Amount size) {
        return new Extent("", at, size);
    }

    /** All of a region. */
    public static Extent whole(String region) {
        return new Extent(region, Amount.of(0), null);
    }

    public boolean isRelative() {
        return !region.isEmpty();
    }

    /**
     * The pages, with amounts drawn: first {@code at}, then {@code size}.
     *
     * @param base the region's pages; ignored by an absolute extent
     */
    PageRange draw(PageRange base, Amount.Scope scope) {
        long offset = Math.max(0, at.draw(scope));
        long start = isRelative() ? base.start() + offset : offset;
        long count = size == null ? Math.max(0, base.end() - start) : Math.max(0, size.draw(scope));
        return new PageRange(start, count);
    }
}
