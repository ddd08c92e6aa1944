package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId;

/**
 * What may be asked of a node about folios as such: rmap's additions and removals, splits, advice about reclaim.
 *
 * @param <R> the reply
 */
public interface FolioCommand<R> extends NumaNodeCommand<R> {
    /**
     * Entries were taken away by a walk that came from the folio, whose caller holds a reference.
     *
     * @param locked the VMA is VM_LOCKED
     * @param splits huge entries became PTEs, which is counted
     */
    record Unmapped(int mm, PageRuns runs, boolean locked, boolean splits) implements FolioCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(runs, 1);
        }
    }

    /**
     * Mappings that the node counts; the page table is to have these entries.
     *
     * @param foreign  entries that were not mapped, as their folios belong elsewhere: they are copied ({@code ksm_might_need_to_copy()})
     * @param contents of those
     */
    record StillMapped(PageRuns runs, PageRuns foreign, ContentRuns contents) implements CarriesMappings {
        public StillMapped(PageRuns runs) {
            this(runs, PageRuns.NONE, ContentRuns.NONE);
        }

        @Override
        public void tell(Sink sink) {
            sink.entries(runs, 1);
        }
    }

    /** Entries were put back by such a walk: {@code folio_add_anon_rmap_pte()} page by page. */
    record Remapped(int mm, PageRuns runs, boolean locked) implements FolioCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(runs, -1);
        }
    }

    /**
     * A walk of reclaim met a locked VMA, which keeps its entries: {@code mlock_vma_folio()} (R6.12, R6.14).
     *
     * @param runs    of folios that are mlocked again
     * @param skipped entries that reclaim looked at in vain
     */
    record Relock(PageRuns runs, long skipped) implements FolioCommand<Void> {}

    /**
     * Clean entries of lazyfree folios were taken away for now; may they stay away (R6.15)? If not, all of a folio's
     * stay.
     *
     * @param locked the VMA is VM_LOCKED
     * @return the entries that must be put back
     */
    record ConfirmDiscard(int mm, PageRuns runs, boolean locked) implements FolioCommand<StillMapped>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(runs, 1);
        }
    }

    /** A dirty entry of a lazyfree folio was met: it is swap-backed again (R6.15 a). */
    record KeepLazyfree(PageRuns runs) implements FolioCommand<Void> {}

    /**
     * {@code workingset_eviction()}: the folios are about to leave their cache.
     *
     * @return what is to be remembered, by frame
     */
    record Evict(FrameRuns frames) implements FolioCommand<List<Shadow>> {}

    /**
     * {@code workingset_refault()}: pages came back.
     *
     * @param frames  of the pages
     * @param at      slot or file page of the first
     * @param shadows what was remembered of any of them, by slot or file page
     */
    record Refaulted(FrameRuns frames, long at, List<Shadow> shadows) implements FolioCommand<Void> {}

    /** How old a node is, and how long its lists are, in pages. */
    record Stand() implements FolioCommand<Standing> {}

    /** Reply to {@link Stand}. */
    record Standing(long age, long activeFile, long inactiveFile, long activeAnon, long inactiveAnon) {}

    /** The device is done with these folios in that tick: {@code folio_end_writeback()}. */
    record EndWriteback(FrameRuns frames, long end) implements FolioCommand<Void> {}

    /** How a split ended. */
    enum SplitOutcome {
        SPLIT,
        /** -EAGAIN: something else refers to the folio. */
        REFERENCED,
        /** -EAGAIN: it is pinned. */
        PINNED,
        /** -EINVAL or -EBUSY: not possible for this folio and order. */
        INVALID,
        /** Not tried: other processes map it too. */
        SHARED,
        /** Not tried: its lock is taken. */
        LOCKED,
        /** There is no such folio any more. */
        GONE
    }

    /** When a split is not even tried. */
    enum Unless {
        NEVER,
        /** Other processes may map the folio too. */
        SHARED,
        /** Something else refers to it. */
        HELD
    }

    /**
     * {@code folio_split()}, {@code split_folio()} (R8.1 to R8.8).
     *
     * @param head         first frame
     * @param order        the folio's order
     * @param newOrder     of the pieces
     * @param page         non-uniform: only around this page; -1 for a uniform split
     * @param waits        waits for the folio lock
     * @param unless       does nothing in that case
     */
    record SplitFolio(long head, int order, int newOrder, int page, boolean waits, Unless unless)
            implements FolioCommand<SplitOutcome> {}

    /** The folio goes to the deferred split queue, to be split though it is mapped whole. */
    record QueueForSplit(long head, int order) implements FolioCommand<Void> {}

    /** A passing reference of the folio at that frame ends, at that tick. */
    record EndPassing(long head, long tick) implements FolioCommand<Void> {}

    /** {@code deferred_split_scan()}: looks at no more than that many folios on the queue of a cgroup (R8.13). */
    record ScanDeferred(int folios, int cgroup) implements FolioCommand<Long> {}

    /** {@code do_shrink_slab()} of the deferred-split shrinker with priority 0, for one cgroup after the other; replies the folios that were split. */
    record ShrinkDeferred() implements FolioCommand<Long> {}

    /** MADV_FREE of pages that are covered folio by folio; replies those whose entries become old and clean (R7.5). */
    record MarkLazyfree(PageRuns runs) implements FolioCommand<PageRuns> {}

    /** MADV_COLD, likewise; replies those whose entries become old (R7.6). */
    record Deactivate(PageRuns runs) implements FolioCommand<PageRuns> {}

    /** MADV_PAGEOUT, likewise: {@code reclaim_pages()} (R7.6). */
    record Pageout(PageRuns runs) implements FolioCommand<Void> {}

    /** {@code shrink_folio_list()} of folios that the caller isolated: pages of one order, alike and in a row. */
    record ShrinkFolios(long frame, long pages, int order) implements FolioCommand<Long> {}

    /**
     * {@code memory.reclaim}: all evictable folios of the node.
     *
     * @param demoteTo nodes of a lower tier, the nearest first; empty if nothing is demoted
     * @param swap     there is room on a swap device
     */
    record ReclaimAll(List<Integer> demoteTo, boolean swap) implements FolioCommand<Long> {}

    /**
     * New folios of order 0 in the swap cache, read from slots in a row (R2.13).
     *
     * @param zero nothing had been written
     * @param mark what must stay free
     * @param cgroup what they are charged to
     * @return fewer than asked for when memory is short; null where no more may be charged to the cgroup
     */
    record AllocateSwapCache(long slot, long count, boolean zero, ContentRuns contents, PressureCommand.Watermark mark, int cgroup)
            implements FolioCommand<FrameRuns> {}

    /**
     * {@code do_swap_page()} of folios in the swap cache: counts their mapping and finds out whether it is exclusive (R2.14).
     *
     * @param runs      the entries that are to be: of pages in the swap cache, with the exclusive bit of the swap entries
     * @param swapDelta slot minus frame, as the folios must have it
     * @param index     page offset of the first page within {@code mapping}
     * @param locked    the VMA is VM_LOCKED
     * @param write     a write fault
     * @param last      no other entries name the slots
     * @param full      swap space is short
     */
    record MapSwapped(int mm, OwnerId mapping, long index, PageRuns runs, long swapDelta, boolean locked, boolean write, boolean last,
            boolean full) implements FolioCommand<StillMapped> {}

    /** {@code folio_free_swap()} if nobody maps these folios any more (R2.14). */
    record FreeSwapCache(FrameRuns frames) implements FolioCommand<Void> {}
}
