package org.foliofleet.protocol.message;

import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.PressureCommand.Watermark;
import org.foliofleet.protocol.program.ContentTag;

/**
 * What may be asked of the holder of zone, LRU, split-queue and folio locks.
 *
 * @param <R> the reply
 */
public interface NumaNodeCommand<R> extends Command<R> {
    /** Why an anonymous folio is allocated; decides what is counted. */
    enum Purpose { FAULT, COW, FORK_COPY, SWAP_IN, COLLAPSE, USERFAULT }

    /**
     * {@code vma_alloc_folio()} and {@code folio_add_new_anon_rmap()}: allocates folios and counts their first mapping.
     *
     * @param mm       the mm that will map them
     * @param root     whose rmap finds them
     * @param index    page offset of the first page, the others follow on
     * @param order    of each folio
     * @param count    how many folios; fewer may be granted
     * @param pmd      they are mapped by PMDs
     * @param locked   the VMA is VM_LOCKED: the folios are mlocked
     * @param contents of the pages, or {@link ContentRuns#NONE} for zero-filled ones
     * @param mark     what must stay free
     * @param cgroup   what they are charged to
     */
    record AllocateAnon(int mm, AnonVmaRootId root, long index, int order, long count, boolean pmd, boolean locked, Purpose purpose,
            ContentRuns contents, Watermark mark, int cgroup) implements NumaNodeCommand<Granted> {
        public AllocateAnon withCount(long newCount) {
            return new AllocateAnon(mm, root, index, order, newCount, pmd, locked, purpose, contents, mark, cgroup);
        }

        public AllocateAnon with(Watermark newMark) {
            return new AllocateAnon(mm, root, index, order, count, pmd, locked, purpose, contents, newMark, cgroup);
        }
    }

    /**
     * Folios that were allocated for page tables, each mapped once; none if there was no room.
     *
     * @param uncharged there was room, but no more may be charged to the cgroup
     */
    record Granted(FrameRuns frames, int order, boolean pmd, boolean uncharged) implements CarriesMappings {
        /** The folios, or null if they can not be charged. */
        public FrameRuns charged() {
            return uncharged ? null : frames;
        }

        @Override
        public void tell(Sink sink) {
            sink.folios(frames, order, pmd, 1);
        }
    }

    /**
     * {@code filemap_alloc_folio()}, {@code shmem_alloc_folio()}: allocates folios for a page cache, which holds a reference
     * for each page. The reply is null where no more may be charged to the cgroup.
     *
     * @param mapping whose cache
     * @param shmem   the folios are swap-backed
     * @param indices file pages, in runs of whole folios; fewer may be granted
     * @param order   of each folio
     * @param swapped what is read from swap into them, or null for zero-filled ones
     * @param mark    what must stay free
     * @param cgroup  what they are charged to
     */
    record AllocateCache(AddressSpaceId mapping, boolean shmem, FrameRuns indices, int order, SwapRead swapped, Watermark mark, int cgroup)
            implements NumaNodeCommand<FrameRuns> {
        public AllocateCache with(Watermark newMark) {
            return new AllocateCache(mapping, shmem, indices, order, swapped, newMark, cgroup);
        }
    }

    /**
     * Pages read from swap.
     *
     * @param zero nothing had been written ({@code zeromap})
     */
    record SwapRead(ContentRuns contents, boolean zero) {}

    /**
     * Which of these folios of a page cache nobody refers to but the cache and one caller?
     *
     * @param pages by file page, their entries name frames
     * @param dirty only those with, or without, PG_dirty
     */
    record FindUnused(PageRuns pages, boolean dirty) implements NumaNodeCommand<FrameRuns> {}

    /**
     * Folios leave the page cache for swap or for good; the caller's references are left.
     *
     * @param written to swap, which is counted
     * @return their contents
     */
    record LeaveCache(FrameRuns frames, boolean written) implements NumaNodeCommand<ContentRuns> {}

    /**
     * {@code shmem_writeout()}: folios leave the page cache for the swap cache; the caller's references are left.
     *
     * @param slots of the frames, in order
     * @return their contents
     */
    record EnterSwapCache(FrameRuns frames, FrameRuns slots) implements NumaNodeCommand<ContentRuns> {}

    /** The device writes those of the folios whose slots are {@code writing}, until that tick. */
    record BeginWriteback(FrameRuns frames, FrameRuns writing, long end) implements NumaNodeCommand<Void> {}

    /**
     * {@code shmem_swapin_folio()} of folios in the swap cache: when they have been written, they leave it for the page cache.
     *
     * @param slot    of the first page
     * @param order   of each folio
     * @param mapping the cache that they enter, or null: they are freed
     * @param index   of the first page in it
     * @return those that were in the swap cache still
     */
    record LeaveSwapCache(FrameRuns frames, long slot, int order, AddressSpaceId mapping, long index) implements NumaNodeCommand<FrameRuns> {}

    /** Whether the reference counts have room for these mappings, where a fault asks that ({@code fail_fork_and_fault}). */
    record MayMap(PageRuns runs) implements NumaNodeCommand<Boolean> {}

    /**
     * {@code folio_add_file_rmap_ptes()} or {@code _pmd()}: page-cache pages are mapped.
     *
     * @param locked the VMA is VM_LOCKED: folios that a run maps whole are mlocked
     * @param dirty  by a write fault, which marks the folios dirty
     */
    record MapCache(int mm, PageRuns runs, boolean locked, boolean dirty) implements NumaNodeCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(runs, -1);
        }
    }

    /**
     * Splits a folio of a page cache, if nobody but the cache and one caller refers to it; sent with the cache's lock held.
     *
     * @param frame  first frame of the folio
     * @param order  of the folio
     * @param pieces by file page, their entries name frame and order
     */
    record SplitCached(long frame, int order, PageRuns pieces) implements NumaNodeCommand<Boolean> {}

    /** {@code truncate_inode_folio()}: whole folios, by file page, leave the page cache. */
    record DropCache(PageRuns runs) implements NumaNodeCommand<Void> {}

    /** fork: the child maps what the parent maps (R3.6 to R3.8). */
    record DuplicateMappings(int childMm, PageRuns runs, boolean parentHasPinned) implements NumaNodeCommand<Duplicated> {}

    /**
     * @param shared   what the child maps too; null if a reference count is at its limit (nothing was shared then)
     * @param mustCopy pinned and exclusive: the child needs copies (PMD entries: the parent splits them first)
     */
    record Duplicated(PageRuns shared, PageRuns mustCopy, ContentRuns contents) implements CarriesMappings {
        @Override
        public void tell(Sink sink) {
            if (shared != null) {
                sink.entries(shared, 1);
            }
        }
    }

    /** Mappings are gone: {@code folio_remove_rmap_ptes()} or {@code _pmd()}, and their references (R6.7 to R6.9, R7.2). */
    record Unmap(int mm, PageRuns runs, boolean vmaLocked) implements NumaNodeCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(runs, 1);
        }
    }

    /**
     * PMD entries of anonymous folios became PTEs (R6.13).
     *
     * @param vmaLocked the VMA is VM_LOCKED: the folios are mlocked by their new mappings, then munlocked by the old one
     * @param reclaim   a walk of reclaim did it
     */
    record SplitPmds(int mm, PageRuns runs, boolean vmaLocked, boolean reclaim) implements NumaNodeCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(runs, 1);
            PageRuns.Builder split = PageRuns.builder();
            for (int i = 0; i < runs.size(); i++) {
                split.add(runs.start(i), runs.count(i), runs.entry(i).without(Pte.PMD));
            }
            sink.entries(split.build(), -1);
        }
    }

    /** Stores through writable entries. */
    record StoreContents(PageRuns runs, long tag, boolean same) implements NumaNodeCommand<Void> {}

    /** {@code do_wp_page()}, {@code do_huge_pmd_wp_page()}: which of these non-exclusive anonymous pages may be reused (R4.2, R4.3, R4.7)? */
    record ResolveWrite(int mm, PageRuns runs) implements NumaNodeCommand<WriteResolved> {}

    /**
     * Answers for a first part of what was asked, at least one page.
     *
     * @param reuse    become exclusive
     * @param copy     must be copied (PMD entries: split first)
     * @param contents of the pages to copy
     */
    record WriteResolved(PageRuns reuse, PageRuns copy, ContentRuns contents) {}

    /** Contents of mapped pages, for a copy. */
    record ReadContents(PageRuns runs) implements NumaNodeCommand<ContentRuns> {}

    /** Something happened that only counters remember; {@code order} -1 for an event without size. */
    record Count(String event, int order, long times) implements NumaNodeCommand<Void> {}

    /** {@code try_grab_folio()}: takes a reference or pin of each of these mapped pages. */
    record TakeHolds(Hold hold, PageRuns pages) implements NumaNodeCommand<Held> {}

    /**
     * @param pages   so many, from the first on, were taken; fewer than asked for where entries were no longer current
     * @param refused the next one was refused: the reference count is at its limit (R1.17)
     */
    record Held(long pages, boolean refused) {}

    /** {@code unpin_user_page()}, {@code put_page()}: one reference or pin of each of these frames goes; a folio without any is freed. */
    record DropHolds(Hold hold, FrameRuns frames) implements NumaNodeCommand<Void> {}

    /** A device stores into pinned frames and marks them dirty; {@code source} is the content's page of the first frame. */
    record DmaStore(FrameRuns frames, ContentTag content, long source) implements NumaNodeCommand<Void> {}

    /** {@code folio_mark_dirty()} for pages that were written without their entries being marked dirty. */
    record MarkDirty(PageRuns pages) implements NumaNodeCommand<Void> {}

    /**
     * {@code mlock_folio()} or {@code munlock_folio()} for what a locking walk found: one call each batch of entries (R7.21,
     * R7.22).
     *
     * @param range what the call is about; a walk that asks for whole folios of the VMA goes beyond it
     */
    record Mlock(PageRuns runs, boolean lock, PageRange range) implements NumaNodeCommand<Void> {}
}
