package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;

/**
 * What may be asked of the holder of {@code i_pages}, {@code i_mmap} and the invalidate lock of a file.
 *
 * @param <R> the reply
 */
public interface AddressSpaceCommand<R> extends Command<R> {
    /**
     * The object begins, without pages in its cache.
     *
     * @param name  by which it is opened; empty for shared anonymous memory, which ends with its last mapping
     * @param shmem a memfd or shared anonymous memory; otherwise a regular file
     * @param pages its size
     */
    record Begin(String name, boolean shmem, long pages) implements AddressSpaceCommand<Void> {}

    /** {@code shmem_set_policy()}: mappings of these file pages follow the policy, or, if it is null, the tasks'. */
    record SetPolicy(PageRange range, Mempolicy policy) implements AddressSpaceCommand<Void> {}

    /** {@code mpol_shared_policy_lookup()}: the policy of a file page, or null. */
    record PolicyOf(long index) implements AddressSpaceCommand<Mempolicy> {}

    /** A process has VMAs that map the file; once or more. */
    record Attach(int process) implements AddressSpaceCommand<Void> {}

    /** A process has no VMA any more that maps the file. */
    record Detach(int process) implements AddressSpaceCommand<Void> {}

    /** {@code i_size}, in pages rounded up; negative for a file that is not shmem. */
    record ShmemSize() implements AddressSpaceCommand<Long> {}

    /** The processes that map the file, ascending: where {@code i_mmap} leads to. */
    record Mappers() implements AddressSpaceCommand<List<ProcessId>> {}

    /**
     * {@code do_read_fault()}, {@code do_shared_fault()}: finds or makes the page and counts its mapping, and that of its
     * neighbours, for as many faulting pages as need no waiting.
     *
     * @param vma     that faults
     * @param page    first faulting page
     * @param end     the access ends here
     * @param task    who faults
     * @param empty   pages without an entry, {@code page} is one: those of the VMA in the blocks of 2 MiB from that of
     *                {@code page} on, as far as the access may be answered at once
     * @param pmdNone numbers of those blocks that have no page table yet
     * @param marker  the page has a write-protect marker of userfaultfd
     */
    record Fault(VmaInfo vma, long page, long end, boolean write, TaskContext task, FrameRuns empty, FrameRuns pmdNone, boolean marker)
            implements AddressSpaceCommand<Mapped> {}

    /**
     * @param error   why the first page can not be had, or null
     * @param entries to be set where there still are none; the others' mappings must be given back
     * @param faults  number of faults that accesses to the pages one by one take
     */
    record Mapped(FaultError error, PageRuns entries, long faults) implements CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(entries, 1);
        }
    }

    /**
     * {@code do_cow_fault()}: finds or makes pages that a private mapping copies at once.
     *
     * @param page  first faulting page
     * @param count how many pages the access would copy
     */
    record CopyFault(VmaInfo vma, long page, long count, TaskContext task) implements AddressSpaceCommand<Copied> {}

    /**
     * @param error    why the first page can not be had, or null
     * @param count    pages from the first on, at least one
     * @param contents of these
     */
    record Copied(FaultError error, long count, ContentRuns contents) {}

    /** {@code pwrite} of a page each. */
    record Pwrite(PageRange range, ContentTag content, TaskContext task) implements AddressSpaceCommand<CallResult> {}

    /** {@code fallocate} with mode 0. */
    record Fallocate(PageRange range, TaskContext task) implements AddressSpaceCommand<CallResult> {}

    /** {@code fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)}. */
    record PunchHole(PageRange range) implements AddressSpaceCommand<CallResult> {}

    /**
     * {@code __folio_freeze_and_split_unmapped()} of a folio in the cache, which nobody maps any more: asks its node, and puts
     * the pieces in its place. Those beyond the end of the file are dropped (R8.4, R8.5).
     *
     * @param frame  first frame of the folio
     * @param order  of the folio
     * @param pieces by file page, their entries name frame and order
     * @return whether it was split
     */
    record CommitSplit(long frame, int order, PageRuns pieces) implements AddressSpaceCommand<Boolean> {}

    /** debugfs {@code split_huge_pages} for a file: folios in the range of file pages that are larger than {@code order}. */
    record SplitHuge(PageRange range, int order, int offset) implements AddressSpaceCommand<Void> {}

    /**
     * {@code shmem_writeout()} and {@code __remove_mapping()}: dirty folios that reclaim has unmapped go to swap.
     *
     * @param pages by file page, their entries name frames
     * @param order of each folio
     * @return frames of those that went
     */
    record SwapOut(PageRuns pages, int order) implements AddressSpaceCommand<FrameRuns> {}

    /**
     * {@code __remove_mapping()}: clean folios that reclaim has unmapped leave the cache.
     *
     * @param pages by file page, their entries name frames
     * @return frames of those that went
     */
    record DropClean(PageRuns pages) implements AddressSpaceCommand<FrameRuns> {}

    /** {@code ftruncate}. */
    record Truncate(long pages) implements AddressSpaceCommand<CallResult> {}
}
