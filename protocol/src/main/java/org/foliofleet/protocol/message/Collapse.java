package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.PageOrder;

/** What is said in the course of collapsing a block of 2 MiB into one THP (mm/khugepaged.c, R9.3 to R9.11). */
public final class Collapse {
    private Collapse() {}

    /** {@code enum scan_result}: how the attempt on one block ended. */
    public enum Result {
        SUCCEED, FAIL, PMD_NULL, PMD_NONE, PMD_MAPPED, EXCEED_NONE_PTE, EXCEED_SWAP_PTE, EXCEED_SHARED_PTE, PTE_NON_PRESENT,
        PTE_UFFD_WP, PTE_MAPPED_HUGEPAGE, LACK_REFERENCED_PAGE, PAGE_NULL, SCAN_ABORT, PAGE_COUNT, PAGE_LRU, PAGE_LOCK, PAGE_ANON,
        PAGE_COMPOUND, ANY_PROCESS, VMA_NULL, VMA_CHECK, ADDRESS_RANGE, DEL_PAGE_LRU, ALLOC_HUGE_PAGE_FAIL, CGROUP_CHARGE_FAIL,
        TRUNCATED, PAGE_HAS_PRIVATE, STORE_FAILED, COPY_MC, PAGE_FILLED;

        /** Whether the block is mapped by a PMD now. */
        public boolean isHuge() {
            return this == SUCCEED || this == PMD_MAPPED;
        }
    }

    /**
     * {@code struct collapse_control}: who asks, and what the block may be like.
     *
     * @param khugepaged       khugepaged asks; otherwise MADV_COLLAPSE, which knows no limits
     * @param maxPtesNone      empty entries and zero pages that may become memory
     * @param maxPtesSwap      swap entries that may be read in
     * @param maxPtesShared    pages of other mms that may be copied
     */
    public record Limits(boolean khugepaged, int maxPtesNone, int maxPtesSwap, int maxPtesShared) {
        public static final Limits MADVISE = new Limits(false, 512, 512, 512);
    }

    /** How many pages of the block lie on a node ({@code node_load}). */
    public record Load(int node, long pages) {}

    /**
     * @param swapped entries that are to be read in first
     * @param loads   by node, nodes without pages left out
     */
    public record Scanned(Result result, int swapped, List<Load> loads) {
        public Scanned {
            loads = List.copyOf(loads);
        }
    }

    /**
     * @param lruBatch pages that wait in the CPU's batch for the LRU: a later block of the same call goes on with them
     */
    public record Outcome(Result result, int lruBatch) {}

    // -- to a process --------------------------------------------------------------------------------------------

    /**
     * Collapses one block, taking {@code mmap_lock} as needed.
     *
     * @param block    first page, aligned
     * @param lruBatch what the block before left in the LRU batch
     */
    public record Block(long block, Limits limits, int lruBatch) implements ProcessCommand<Outcome> {}

    /** {@code khugepaged_fork()}: khugepaged knows this process too. */
    public record Enter() implements ProcessCommand<Void> {}

    /**
     * {@code khugepaged_scan_mm_slot()}: tries every block of the process, if khugepaged knows it.
     *
     * @param from      first page to look at
     * @param collapsed blocks before it that were collapsed
     * @param progress  pages and VMAs looked at before
     * @param budget    the pass ends when {@code progress} has reached this
     */
    public record Pass(Limits limits, long from, long collapsed, long progress, long budget) implements ProcessCommand<Passed> {}

    /**
     * @param collapsed blocks that were collapsed
     * @param progress  pages and VMAs looked at
     */
    public record Passed(long collapsed, long progress) {}

    /** The daemon is to know this process if its memory is such that it should. */
    public record Register() implements ProcessCommand<Void> {}

    /**
     * The daemon's {@code khugepaged_scan_mm_slot()}: tries the blocks from a page on.
     *
     * @param pages the scan ends when it has looked at that many pages
     */
    public record ScanMm(Limits limits, long from, long pages) implements ProcessCommand<ScannedMm> {}

    /**
     * @param next      where the next scan of the process begins, -1 at the end of its memory or if it was busy
     * @param progress  pages and VMAs looked at
     * @param collapsed blocks that were collapsed
     * @param last      how the last attempt ended, or null
     */
    public record ScannedMm(long next, long progress, long collapsed, Result last) {}

    /** {@code retract_page_tables()} within a process: tables over this block of the file may go. */
    public record Retract(AddressSpaceId file, long index) implements ProcessCommand<Void> {}

    /** Every VMA that maps the whole block of the file gets a PMD entry for it: {@code collapse_install_pmd: always}. */
    public record InstallEverywhere(AddressSpaceId file, long index) implements ProcessCommand<Void> {}

    /** Whether a userfaultfd waits for missing pages of this block of the file. */
    public record WatchesHoles(AddressSpaceId file, long index) implements ProcessCommand<Boolean> {}

    // -- to a file -----------------------------------------------------------------------------------------------

    /**
     * {@code hpage_collapse_scan_file()} and {@code collapse_file()}.
     *
     * @param index first file page, aligned
     * @param vma   by which the block was found
     * @param task  whose call it is, for reading from swap
     */
    public record File(long index, VmaInfo vma, Limits limits, TaskContext task) implements AddressSpaceCommand<Result> {}

    /**
     * The first frame of the folio of 2 MiB at this file page; {@link #NO_PAGE} or {@link #OTHER_SIZE}.
     */
    public record HugeFolio(long index) implements AddressSpaceCommand<Long> {
        public static final long NO_PAGE = -1;
        public static final long OTHER_SIZE = -2;
    }

    /**
     * {@code set_huge_pmd()}: counts a PMD mapping of that folio; nothing if it is not there any more.
     *
     * @param collapsed a collapse asks, for which a switch says whether the entry is writable; else it is as the VMA has it
     */
    public record MapHuge(VmaInfo vma, long block, long frame, boolean collapsed) implements AddressSpaceCommand<FolioCommand.StillMapped> {}

    // -- to khugepaged -------------------------------------------------------------------------------------------

    /** khugepaged learns of a process. */
    public record Listed(int process) implements KhugepagedCommand<Void> {}

    /** A process ends; answered when khugepaged asks nothing more of it. */
    public record Leave(int process) implements KhugepagedCommand<Void> {}

    /** The settings that let the daemon run have changed. */
    public record StartDaemon() implements KhugepagedCommand<Void> {}

    /**
     * The daemon is awake.
     *
     * @param progress pages and VMAs looked at since it woke
     * @param heads    how often it began at the head of its list since then
     * @param waited   it has slept since then because there was no memory for a folio
     * @param began    tick at which it woke, -1 if it just did
     * @param cost     what it had cost by then, in ns
     */
    public record Wake(long progress, int heads, boolean waited, long began, long cost) implements KhugepagedCommand<Void> {}

    /** An attempt on a block has ended. */
    public record Attempted(boolean khugepaged, Result result) implements KhugepagedCommand<Void> {}

    // -- to a VMA ------------------------------------------------------------------------------------------------

    /** {@code hpage_collapse_scan_pmd()}: may the block be collapsed, and where do its pages lie? */
    public record Scan(long block, Limits limits) implements VmaCommand<Scanned> {}

    /** {@code __collapse_huge_page_swapin()}. */
    public record SwapIn(long block, TaskContext task) implements VmaCommand<Result> {}

    /**
     * The second half of {@code collapse_huge_page()}, under the exclusive {@code mmap_lock}: isolates the pages, copies them
     * to the new folio, and maps that instead.
     *
     * @param frame first frame of the new folio
     */
    public record Replace(long block, Limits limits, long frame, int lruBatch) implements VmaCommand<Outcome> {}

    /** Whether the block is mapped by a PMD. */
    public record IsHuge(long block) implements VmaCommand<Boolean> {}

    /** MADV_COLLAPSE returns and says that the blocks of this range are huge: those that are not are counted. */
    public record Reported(long start, long end) implements VmaCommand<Void> {}

    /** {@code collapse_pte_mapped_thp()}: entries that map the pages of a huge folio give way to one PMD entry, or to none. */
    public record MapPmd(long block, boolean install) implements VmaCommand<Result> {}

    /** The page table of the block has no entries and may go. */
    public record RetractTable(long block) implements VmaCommand<Void> {}

    // -- to a node -----------------------------------------------------------------------------------------------

    /** What the scan wants to know of mapped pages. */
    public record Inspect(PageRuns runs) implements NumaNodeCommand<List<Finding>> {}

    /**
     * Pages that are alike.
     *
     * @param shared     {@code folio_maybe_mapped_shared()}
     * @param referenced the entry or the folio says that it was used
     * @param result     SUCCEED, or why such a page can not be collapsed
     */
    public record Finding(long page, long count, boolean shared, boolean referenced, Result result) {}

    /** {@code __collapse_huge_page_isolate()}: takes the folios off their LRU lists, all or none. */
    public record Isolate(PageRuns runs, Limits limits) implements NumaNodeCommand<Isolated> {}

    /**
     * @param page     the first page that could not be isolated
     * @param contents of all pages, if they were isolated
     */
    public record Isolated(Result result, long page, ContentRuns contents) {}

    /** {@code release_pte_pages()}: isolated folios go back to their lists. */
    public record PutBack(PageRuns runs) implements NumaNodeCommand<Void> {}

    /**
     * {@code __collapse_huge_page_copy_succeeded()}: isolated folios go back to their lists and lose these mappings.
     *
     * @param vmaLocked the VMA is VM_LOCKED
     * @param lruBatch  pages that wait in the CPU's LRU batch already
     */
    public record Unmapped(int mm, PageRuns runs, boolean vmaLocked, int lruBatch) implements NumaNodeCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.entries(runs, 1);
        }
    }

    /** {@code alloc_charge_folio()}: a folio of 2 MiB that nobody maps yet, charged to a cgroup; none if there is no room, null if it can not be charged. */
    public record Allocate(int cgroup) implements NumaNodeCommand<FrameRuns> {}

    /** {@code thp_collapse_alloc_failed}, or the allocated folio is not used: {@code folio_put()}. */
    public record GiveBack(long frame) implements NumaNodeCommand<Void> {}

    /** {@code folio_add_new_anon_rmap()} and {@code folio_add_lru_vma()} of the allocated folio. */
    public record MapNew(int mm, AnonVmaRootId root, long index, long frame, boolean locked, ContentRuns contents)
            implements NumaNodeCommand<Void>, CarriesMappings {
        @Override
        public void tell(Sink sink) {
            sink.folios(FrameRuns.of(frame, PageOrder.PMD_PAGES), PageOrder.PMD, true, -1);
        }
    }

    /** Isolated folios leave the page cache and are freed. */
    public record ReplaceCached(PageRuns runs) implements NumaNodeCommand<Void> {}

    /** The allocated folio is in the page cache from file page {@code index} on. */
    public record CacheNew(AddressSpaceId mapping, long index, long frame, ContentRuns contents) implements NumaNodeCommand<Void> {}
}
