package org.foliofleet.node.mm.numa;

import org.foliofleet.protocol.id.PageOrder;

/** Folios that came and went, and high-water marks: what nobody can read off the state afterwards. */
public final class FolioTally {
    private final long[] allocated = new long[PageOrder.PMD + 1];
    private final long[] freed = new long[PageOrder.PMD + 1];
    private long referencesPeak;
    private final long[] splitFailures = new long[SplitFailure.values().length];
    private long rmapCalls;
    private long pageMapcountWrites;
    private final long[] takenForShared = new long[SharedUser.values().length];
    private final long[] takenForExclusive = new long[SharedUser.values().length];

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

    /** Mappings of so many folios were made or removed, of so many pages by PTEs. */
    void mappingsChanged(long folios, long pages) {
        rmapCalls += folios;
        pageMapcountWrites += pages;
    }

    void mistaken(SharedUser user, boolean shared, long folios) {
        (shared ? takenForShared : takenForExclusive)[user.ordinal()] += folios;
    }

    void splitFailed(SplitFailure why) {
        splitFailures[why.ordinal()]++;
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

    /** Folios whose mapcount changed, each change of a batch of entries counted once. */
    public long rmapCalls() {
        return rmapCalls;
    }

    /** Pages whose mapcount changed, wherever pages have one. */
    public long pageMapcountWrites() {
        return pageMapcountWrites;
    }

    /** How often folios that one mm maps were taken for shared. */
    public long takenForShared(SharedUser user) {
        return takenForShared[user.ordinal()];
    }

    /** How often folios that several mms map were taken for exclusive. */
    public long takenForExclusive(SharedUser user) {
        return takenForExclusive[user.ordinal()];
    }

    /** Splits that failed, or were not tried, for that reason. */
    public long splitsFailed(SplitFailure why) {
        return splitFailures[why.ordinal()];
    }
}
