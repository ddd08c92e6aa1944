package org.foliofleet.protocol.message;

import java.util.List;

/**
 * What may be asked of the holder of the swap map. Entries of page tables, and of the page cache of a shmem object, are
 * given as runs whose {@link Pte}s name slots in place of frames.
 *
 * @param <R> the reply
 */
public interface SwapCommand<R> extends Command<R> {
    /** {@code free_swap_and_cache_nr()}: entries no longer name these slots; what only the swap cache still has goes too. */
    record Free(PageRuns entries) implements SwapCommand<Void> {}

    /** {@code swap_free_nr()}: entries map their pages again and no longer name these slots; the swap cache stays. */
    record Release(PageRuns entries) implements SwapCommand<Void> {}

    /** {@code __folio_migrate_mapping()}: folios of the swap cache are in these frames now. */
    record MoveCache(long slot, long pages, long frame) implements SwapCommand<Void> {}

    /** {@code swap_duplicate()}: one more entry names these slots. */
    record Duplicate(PageRuns entries) implements SwapCommand<Void> {}

    /** {@code get_nr_swap_pages()}: slots that are free. */
    record Room() implements SwapCommand<Long> {}

    /** {@code total_swap_pages}. */
    record Size() implements SwapCommand<Long> {}

    /**
     * {@code folio_alloc_swap()}: slots for these folios, which enter the swap cache.
     *
     * @param frames of whole folios
     * @param order  of each; its slots are contiguous and naturally aligned
     * @return slots of the first of the folios, in order; fewer than asked for, or none, when they are short
     */
    record Allocate(FrameRuns frames, int order) implements SwapCommand<FrameRuns> {}

    /**
     * {@code swap_writeout()}: pages are written to their slots.
     *
     * @param order of the folios: a slot of a large one is in use if one of its slots is
     * @return slots that no entry names any more: they were not written, and have left the swap cache
     */
    record Write(FrameRuns slots, ContentRuns contents, int order) implements SwapCommand<FrameRuns> {}

    /**
     * {@code swap_writepage_bdev_async()}: pages are written to their slots while others go on. Slots that are no longer those of
     * these frames are left alone.
     *
     * @param frames of the pages, in the order of their slots
     * @param order  of the folios
     */
    record Submit(FrameRuns slots, FrameRuns frames, ContentRuns contents, int order) implements SwapCommand<Submitted> {}

    /**
     * What a block device makes of pages that it is to write.
     *
     * @param unused  slots that have no entry, or are of other pages now: not written, and no slots of these folios any more
     * @param writing slots that are being written; of the others only that they are zero-filled was noted
     * @param end     the tick in which that will be done
     */
    record Submitted(FrameRuns unused, FrameRuns writing, long end) {}

    /** {@code __delete_from_swap_cache()}: folios were reclaimed. */
    record Uncache(FrameRuns slots) implements SwapCommand<Void> {}

    /** The same, and what is to be remembered of them, by slot: {@code workingset_eviction()}. */
    record Evict(List<Shadow> slots) implements SwapCommand<Void> {}

    /** {@code folio_free_swap()}: takes folios out of the swap cache whose slots no entry names; replies their slots. */
    record FreeUnused(FrameRuns slots) implements SwapCommand<FrameRuns> {}

    /** A folio in the swap cache was split to order 0. */
    record SplitCache(long slot, long pages) implements SwapCommand<Void> {}

    /** {@code swap_cache_get_folio()} and the swap map's counts: how slots in a row stand. */
    record Lookup(long slot, long count) implements SwapCommand<Slots> {}

    /**
     * {@code read_swap_cache_async()}: the same, but slots without a folio get one of order 0 in the swap cache first.
     *
     * @param nodes   to be asked for memory, in this order
     * @param mm      who wants the pages
     * @param cgroup  what they are charged to
     */
    record ReadToCache(long slot, long count, List<Integer> nodes, int mm, int cgroup) implements SwapCommand<Slots> {}

    /**
     * @param runs ascending, without gaps
     * @param full more than half of the swap space is in use ({@code vm_swap_full()})
     * @param shadows what is remembered of those that were reclaimed, by slot
     */
    record Slots(List<SlotRun> runs, boolean full, List<Shadow> shadows) {}

    /**
     * Slots in a row that stand alike.
     *
     * @param references entries that name each slot
     * @param frame      of the first slot's page in the swap cache, or -1
     * @param order      of the folio there
     * @param zero       zero-filled pages, of which nothing was written ({@code zeromap})
     * @param contents   of the slots
     */
    record SlotRun(long slot, long count, int references, long frame, int order, boolean zero, ContentRuns contents) {}
}
