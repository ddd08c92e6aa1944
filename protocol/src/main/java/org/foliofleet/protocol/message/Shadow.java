package org.foliofleet.protocol.message;

/**
 * What is remembered of reclaimed pages in a row, in the place where they will be looked for: {@code pack_shadow()}, mm/workingset.c.
 *
 * @param at         the first page: a frame, a swap slot, or a page of a file
 * @param node       that evicted them
 * @param age        the node's nonresident age when the first was evicted
 * @param each       each further page was evicted by itself, so that the age was one more; else they were one folio
 * @param workingset they had been active before
 */
public record Shadow(long at, long count, int node, long age, boolean each, boolean workingset) {
    /** The age when the page {@code index} pages after the first was evicted. */
    public long age(long index) {
        return each ? age + index : age;
    }

    /** The same pages at another place. */
    public Shadow movedTo(long place) {
        return new Shadow(place, count, node, age, each, workingset);
    }

    /** Those of the pages that are in a range; the range meets them. */
    public Shadow within(long start, long end) {
        long from = Math.max(at, start);
        return new Shadow(from, Math.min(at + count, end) - from, node, age(from - at), each, workingset);
    }
}
