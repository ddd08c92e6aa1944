package org.foliofleet.node.mm.numa;

import org.foliofleet.protocol.id.PageOrder;

/** Folios that came and went, and high-water marks: what nobody can read off the state afterwards. */
public final class FolioTally {
    private final long[] allocated = new long[PageOrder.PMD + 1];
    private final long[] freed = new long[PageOrder.PMD + 1];
    private long referencesPeak;
    private long splitsRefusedByPins;

    void allocated(int order, long folios) {
        allocated[order] += folios;
        referencesPeak = folios > 0 ? Math.max(referencesPeak, 1) : referencesPeak;
    }

    void freed(int order, long folios) {
        freed[order] += folios;
    }

    void referenced(long references) {
        referencesPeak = Math.max(referencesPeak, references);
    }

    void splitRefusedByPin() {
        splitsRefusedByPins++;
    }

    /** Folios of that order that were taken from the buddy allocator. */
    public long allocated(int order) {
        return allocated[order];
    }

    /** Folios of that order that went back to it; pieces of a split one go one by one. */
    public long freedOf(int order) {
        return freed[order];
    }

    /** The highest reference count that a folio ever had. */
    public long referencesPeak() {
        return referencesPeak;
    }

    /** Splits that failed because of a long-term pin; the others met some other reference. */
    public long splitsRefusedByPins() {
        return splitsRefusedByPins;
    }
}
