package org.foliofleet.node.mm.numa;

/** An event by which folios come to be: allocation, or a split, whose pieces are new folios in old frames. */
public interface FolioBirth {
    /** Takes folios of one order that lie one after the other. */
    interface Sink {
        void born(long frame, long pages, int order);
    }

    /** Whether the folios are pieces of one that was split, and so hold the pages it held. */
    default boolean isSplit() {
        return false;
    }

    /** Whether the folios are mapped in a VM_LOCKED VMA at once, and so go into the batch of {@code mlock_new_folio()}. */
    default boolean isMlocked() {
        return false;
    }

    /** Asked right after the event was applied. */
    void births(NumaNode node, Sink sink);
}
