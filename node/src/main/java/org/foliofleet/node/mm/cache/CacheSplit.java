package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.flow.Turn;

/** {@code try_folio_split_to_order()} for folios of a page cache. */
final class CacheSplit {
    private CacheSplit() {}

    /**
     * Splits a large folio so that the file page begins a folio of its own, order 0.
     *
     * @return whether it was split
     */
    static boolean split(AddressSpace space, long head, CachePage folio, long index, Turn turn) {
        return false;
    }
}
