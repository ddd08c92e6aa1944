package org.foliofleet.node.mm.swap;

/**
 * {@code swap_map} and swap table of a slot in use, in the form that the slots of a run share.
 *
 * @param references entries of page tables and page caches that name it
 * @param cached     a folio in the swap cache has its page (SWAP_HAS_CACHE)
 * @param frameDelta frame of that page minus slot number, 0 if not cached
 * @param order      of that folio
 */
record SwapSlot(int references, boolean cached, long frameDelta, int order) {
    SwapSlot withReferences(int count) {
        return new SwapSlot(count, cached, frameDelta, order);
    }

    SwapSlot uncached() {
        return new SwapSlot(references, false, 0, 0);
    }

    SwapSlot withOrder(int newOrder) {
        return new SwapSlot(references, cached, frameDelta, newOrder);
    }

    boolean isFree() {
        return references == 0 && !cached;
    }
}
