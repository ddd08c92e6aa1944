package org.foliofleet.protocol.message;

import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** What is said in the course of userfaultfd's ioctls (mm/userfaultfd.c, R13.1 to R13.6). */
public final class Userfault {
    private Userfault() {}

    /** {@code enum mfill_atomic_mode}: with what an empty entry is filled. */
    public enum Fill { COPY, ZEROPAGE, CONTINUE, POISON }

    /**
     * How far a range got.
     *
     * @param pages so many, from the first on
     * @param errno why the next one did not, or null
     */
    public record Done(long pages, Errno errno) {}

    // -- to a process --------------------------------------------------------------------------------------------

    /**
     * The rest of UFFDIO_MOVE.
     *
     * @param moved pages that were moved before
     */
    public record MoveRest(MemoryCall.UffdMove call, long moved) implements ProcessCommand<CallResult> {}

    /** {@code dup_userfaultfd()}: a child of fork is registered as its parent is, and watched by the same monitor. */
    public record Inherit(MemoryCall.UffdMonitor monitor) implements ProcessCommand<Void> {}

    // -- to a VMA ------------------------------------------------------------------------------------------------

    /**
     * {@code mfill_atomic()} of pages of one VMA, which is registered.
     *
     * @param writeProtect UFFDIO_COPY_MODE_WP
     * @param content      of UFFDIO_COPY, otherwise null
     * @param task         who asks
     */
    public record FillPages(PageRange range, Fill fill, boolean writeProtect, ContentTag content, TaskContext task)
            implements VmaCommand<Done> {}

    /**
     * {@code uffd_wp_range()}: write-protects pages, or no longer.
     *
     * @param unpopulated also anonymous pages that are not there yet
     */
    public record WriteProtect(PageRange range, boolean protect, boolean unpopulated) implements VmaCommand<Void> {}

    /** What the entries of a range are, and which blocks of 2 MiB, by number, have page tables. */
    public record Describe(PageRange range) implements VmaCommand<Described> {}

    public record Described(PageRuns entries, FrameRuns tables) {}

    /**
     * {@code move_pages()} of pages of one VMA as far as nothing must happen first.
     *
     * @param target   first page there
     * @param receiver the VMA there, which may be this one
     * @param there    what is at the target
     */
    public record MoveOut(PageRange range, long target, VmaInfo receiver, Described there) implements VmaCommand<MovedOut> {}

    /**
     * @param pages moved, from the first on
     * @param next  why no more
     * @param entry of the next page, for {@link Next#SPLIT}
     * @param errno for {@link Next#FAIL}
     */
    public record MovedOut(long pages, Next next, Pte entry, Errno errno) {}

    /** What a move waits for. */
    public enum Next {
        /** Nothing: it is at its end, or can go on at once. */
        GO_ON,
        /** The folio of the next page must be split. */
        SPLIT,
        /** The folio of the next page is being split or migrated. */
        MIGRATION,
        /** The next page cannot be moved. */
        FAIL
    }

    /** Answers when the page has no migration entry. */
    public record AwaitMigration(long page) implements VmaCommand<Void> {}

    // -- to a file -----------------------------------------------------------------------------------------------

    /**
     * {@code shmem_mfill_atomic_pte()}, {@code mfill_atomic_pte_continue()}: counts the mappings of new or cached pages.
     *
     * @param vma     that they are mapped in
     * @param range   virtual pages, whose entries are empty
     * @param content see {@link FillPages}
     */
    public record FillCache(VmaInfo vma, PageRange range, Fill fill, boolean writeProtect, ContentTag content, TaskContext task)
            implements AddressSpaceCommand<FilledCache> {}

    /**
     * @param entries to be set where there are still none; of the first pages
     * @param errno   why the page after them can not be had, or null
     */
    public record FilledCache(PageRuns entries, Errno errno) implements CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(entries, 1);
        }
    }

    // -- to a node -----------------------------------------------------------------------------------------------

    /**
     * {@code folio_move_anon_rmap()} and a new index: exclusive folios belong to another place.
     *
     * @param runs  entries that map whole folios
     * @param root  whose rmap finds them from now on
     * @param shift page offset there minus virtual page here
     * @return so many pages, from the first on, were moved: the next is pinned
     */
    public record MoveAnon(PageRuns runs, AnonVmaRootId root, long shift) implements NumaNodeCommand<Long> {}
}
