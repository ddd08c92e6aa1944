package org.foliofleet.node.mm.measure;

import org.foliofleet.node.mm.numa.FolioStat;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.SplitFailure;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.node.mm.numa.VmStat;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;

/**
 * What a NUMA node says without looking at its folios.
 *
 * @param deferredHead position of the folio that is on a deferred split queue longest, -1 if there is none
 * @param deferredTail position behind the last that was ever on one
 */
record NodeSample(long memory, long free, long hugeAnon, long deferredLength, long deferredHead, long deferredTail, long refsPeak,
        long faults, long copies, long splits, long splitsPinned, long splitsFailed, long pmdSplits, long collapses, long swapOut,
        long swapIn, long migrated, long migrateFailed) {
    static NodeSample of(NumaNode node) {
        VmStat stat = node.statistics();
        long splits = 0;
        long failed = 0;
        for (int order = 1; order <= PageOrder.PMD; order++) {
            splits += stat.get(order, FolioStat.SPLIT);
            failed += stat.get(order, FolioStat.SPLIT_FAILED);
        }
        return new NodeSample(node.frames().frames(), node.frames().freePages(), stat.get(PageOrder.PMD, FolioStat.NR_ANON),
                node.deferredQueue().length(), node.deferredQueue().oldest(), node.deferredQueue().tail(), node.tally().referencesPeak(),
                faults(stat), stat.get(VmEvent.COW_COPIES), splits, node.tally().splitsFailed(SplitFailure.PINNED),
                failed - node.tally().splitsFailed(SplitFailure.PINNED),
                stat.get(VmEvent.THP_SPLIT_PMD), stat.get(VmEvent.THP_COLLAPSE_ALLOC), stat.get(VmEvent.PSWPOUT), stat.get(VmEvent.PSWPIN),
                stat.get(VmEvent.PGMIGRATE_SUCCESS), stat.get(VmEvent.PGMIGRATE_FAIL));
    }

    private static long faults(VmStat stat) {
        return stat.get(VmEvent.FAULT_ANON) + stat.get(VmEvent.FAULT_ZERO) + stat.get(VmEvent.FAULT_FILE) + stat.get(VmEvent.FAULT_SWAP)
                + stat.get(VmEvent.COW_COPIES) + stat.get(VmEvent.FAULT_REUSE);
    }

    /** @param before earlier samples, which know since when the oldest folio is queued */
    void addTo(Sample.Builder sample, int node, Series before, long nanos) {
        sample.set(Track.MEMORY, node, memory);
        sample.set(Track.FREE, node, free);
        sample.set(Track.HUGE_ANON, node, hugeAnon);
        sample.set(Track.DEFERRED_LENGTH, node, deferredLength);
        sample.set(Track.DEFERRED_AGE, node, deferredHead < 0 ? 0 : before.deferredAge(node, deferredHead, nanos));
        sample.set(Track.DEFERRED_TAIL, node, deferredTail);
        sample.set(Track.REFS_PEAK, node, refsPeak);
        sample.set(Track.FAULTS, node, faults);
        sample.set(Track.COW_COPIES, node, copies);
        sample.set(Track.SPLIT_OK, node, splits);
        sample.set(Track.SPLIT_PINNED, node, splitsPinned);
        sample.set(Track.SPLIT_FAILED, node, splitsFailed);
        sample.set(Track.PMD_SPLITS, node, pmdSplits);
        sample.set(Track.COLLAPSES, node, collapses);
        sample.set(Track.SWAP_OUT, node, swapOut);
        sample.set(Track.SWAP_IN, node, swapIn);
        sample.set(Track.MIGRATED, node, migrated);
        sample.set(Track.MIGRATE_FAILED, node, migrateFailed);
    }
}
