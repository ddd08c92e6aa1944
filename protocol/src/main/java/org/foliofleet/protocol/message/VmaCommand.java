package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.ContentTag;

/**
 * What may be asked of the holder of a per-VMA lock and of the page-table locks under it.
 *
 * @param <R> the reply
 */
public interface VmaCommand<R> extends Command<R> {
    /** How memory is accessed. */
    enum Access { READ, WRITE, EXECUTE }

    /**
     * A new VMA, or one whose range, flags or anon_vma changed. Ranges may only change where no entries are left
     * outside.
     *
     * @param pages entries that move in, as it is created
     */
    record SetVma(VmaInfo info, PageRuns pages) implements VmaCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(pages, 1);
        }
    }

    /**
     * Loads or stores each page, ascending; faults where needed.
     *
     * @param task    whose access it is
     * @param content of a store, otherwise null
     * @param faults  taken before, by an earlier part of the same access
     */
    record Touch(PageRange range, Access access, TaskContext task, ContentTag content, long faults) implements VmaCommand<Touched> {}

    /**
     * @param next   the first page that was not touched; the range's end if all went well
     * @param signal why not: SIGSEGV or SIGBUS or OOM; null
     * @param faults page faults taken
     */
    record Touched(long next, FaultError signal, long faults) {}

    /** How a fault fails. */
    enum FaultError {
        SIGSEGV, SIGBUS, OOM,
        /** userfaultfd wants to fill the page. */
        UFFD_MISSING,
        /** userfaultfd wants to map the page, which is in the page cache. */
        UFFD_MINOR,
        /** userfaultfd has write-protected the page. */
        UFFD_WP;

        /** Whether an event for userfaultfd's monitor takes the place of the fault, or SIGBUS if it wants no events. */
        public boolean isUserfault() {
            return this == UFFD_MISSING || this == UFFD_MINOR || this == UFFD_WP;
        }
    }

    /** munmap, MADV_DONTNEED: entries go ({@code zap_page_range}). Guard markers stay unless {@code unmapping}. */
    record Zap(PageRange range, boolean unmapping) implements VmaCommand<Void> {}

    /** Pages of memory, swap entries and page tables of the VMA, for {@code oom_badness()}. */
    record CountMemory() implements VmaCommand<Long> {}

    /** {@code unmap_page_range()} by the OOM reaper: what is private goes, and nothing more comes in. */
    record Reap() implements VmaCommand<Void> {}

    /** debugfs {@code split_huge_pages}: folios that the range maps and that are larger than {@code order}; {@code offset} -1: uniformly. */
    record SplitHuge(PageRange range, int order, int offset) implements VmaCommand<Void> {}

    /**
     * MADV_WILLNEED: swapped pages of the range are read into the swap cache.
     *
     * @param task    who asks
     */
    record ReadSwapped(PageRange range, TaskContext task) implements VmaCommand<Void> {}

    /** MADV_FREE, MADV_COLD, MADV_PAGEOUT of a range (R7.5, R7.6). */
    record AdviseLru(PageRange range, Advice advice) implements VmaCommand<Void> {}

    /**
     * The VMA ends; its pages were zapped.
     *
     * @param firstHeir who has a part of the block of 2 MiB of its first page afterwards, or null
     * @param lastHeir  the same of its last page
     */
    record Remove(VmaId firstHeir, VmaId lastHeir) implements VmaCommand<Void> {}

    /** Blocks of 2 MiB, by number, have page tables: left by a VMA that ended, or copied by fork. */
    record KeepTables(FrameRuns tables) implements VmaCommand<Void> {}

    /** Does the VMA know of a page table of the block of 2 MiB? Others that share the block may. */
    record HasTable(long block) implements VmaCommand<Boolean> {}

    /** The VMA's protection changed: {@code change_protection()} of these pages. */
    record Protect(PageRange range) implements VmaCommand<Void> {}

    /**
     * {@code move_page_tables()}: entries go to another address.
     *
     * @param receiver the VMA there, which may be this one
     * @param target   first page there
     * @param watched  a userfaultfd of the pages goes with them
     */
    record MovePages(PageRange range, long target, VmaInfo receiver, boolean watched) implements VmaCommand<Void> {}

    /**
     * Installs or removes guard markers; installing drops what the pages hold.
     *
     * @param info the VMA as it is from now on
     */
    record Guard(PageRange range, boolean install, VmaInfo info) implements VmaCommand<Void> {}

    /**
     * {@code unmap_mapping_range()}: entries that map file pages go, and with {@code evenCows} those of private copies too.
     */
    record ZapFile(PageRange range, boolean evenCows) implements VmaCommand<Void> {}

    /** {@code copy_page_range()}: gives the child's VMA its entries (R3.4 to R3.11). */
    record Duplicate(VmaInfo child, boolean parentHasPinned, TaskContext task) implements VmaCommand<Boolean>, CarriesMappings.KeepsReplies {}

    /**
     * {@code __get_user_pages()} for pages of one VMA: faults them in, one after the other, and takes a reference of each.
     *
     * @param write   FOLL_WRITE
     * @param force   FOLL_FORCE: against the protection, as far as a private mapping allows
     * @param hold    what is taken of each page
     * @param fast    entries that permit the access are not marked accessed: {@code gup_fast()}; ends with the first fault
     * @param content what is stored into the pages ({@code access_remote_vm()}), or null
     * @param got     pages got by an earlier part of the same request
     */
    record GetPages(PageRange range, boolean write, boolean force, Hold hold, boolean fast, TaskContext task, ContentTag content,
            PageRuns got) implements VmaCommand<GotPages> {}

    /**
     * @param next   first page that was not got; the range's end if all went well
     * @param error  why not, or null
     * @param held   entries through which references were taken; empty for {@link Hold#NONE}
     * @param fast   no fault was taken
     */
    record GotPages(long next, GetError error, PageRuns held, boolean fast) {}

    /** How {@code __get_user_pages()} fails: by the VMA's flags, by a signal, by poison, for lack of memory, at a reference count's limit. */
    enum GetError { REFUSED, FAULT, POISON, OOM, LIMIT }

    /** {@code mlock_vma_pages_range()}: counts the folios of a range as mlocked, or no longer so (R7.21, R7.22). */
    record WalkMlock(PageRange range, boolean lock) implements VmaCommand<Void> {}

    /** Which large anonymous folios that the VMA maps lie across the page? */
    record FindStraddling(long page) implements VmaCommand<List<Straddling>> {}

    /**
     * @param head  first frame of the folio
     * @param pages of it that lie before the page asked for
     */
    record Straddling(long head, int order, int pages) {}

    /**
     * Hands entries to other VMAs: to a neighbour that grows, to a new one that is cut off, or to where the pages move.
     *
     * @param rest      what this VMA is afterwards, or null: it ends
     * @param parts     pages whose entries go, ascending
     * @param receivers who gets those of each part, as they are afterwards
     */
    record HandOver(VmaInfo rest, List<PageRange> parts, List<VmaInfo> receivers) implements VmaCommand<Void> {}

    /**
     * Entries that come from a neighbour.
     *
     * @param tables numbers of blocks of 2 MiB that have a page table with or without entries, as runs
     */
    record Adopt(VmaInfo info, PageRuns pages, FrameRuns tables) implements VmaCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(pages, 1);
        }
    }
}
