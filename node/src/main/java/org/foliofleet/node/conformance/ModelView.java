package org.foliofleet.node.conformance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Protection;

/**
 * The state of a model as a kernel would show it. Page numbers are absolute. Everything is in runs; runs need not be
 * maximal.
 */
public interface ModelView {
    /** The living processes, in order of creation. */
    List<Process> processes();

    /**
     * The folio with this key, mapped or not: present as long as it lives and is mapped, in a page cache or the swap
     * cache, or held by a pin or reference; empty once it was freed, split or migrated away.
     */
    Optional<Folio> folio(long key);

    /**
     * Whether reclaim has put the folio, of a file, back but it is not on its LRU list yet, as the CPU's batch for that list
     * is not full; and nobody holds it. Batches are empty when an operation begins and in observations.
     */
    default boolean awaitsLru(long key) {
        return false;
    }

    /** What smaps makes of the sharing of a present page; by its mapcount, if the model says nothing else. */
    default Sharing sharing(PageRun run) {
        return new Sharing((4096L << Sharing.PSS_SHIFT) / Math.max(1, run.mapcount()), run.mapcount() > 1);
    }

    /** The memfds in the order made. */
    List<Memfd> memfds();

    /** {@code /sys/kernel/mm/ksm}: {@code pages_shared}, {@code pages_sharing}, …; what is missing is 0. */
    Map<String, Long> ksm();

    /**
     * How one mapping of a page counts in smaps.
     *
     * @param pss    bytes, times {@code 2^PSS_SHIFT}
     * @param shared in Shared_Clean or Shared_Dirty, not in Private_
     */
    record Sharing(long pss, boolean shared) {
        /** Fixed point of Pss: fractions of a byte. */
        static final int PSS_SHIFT = 12;
    }

    /** A process, and its VMAs ascending. */
    record Process(String name, List<Vma> vmas) {}

    /**
     * A VMA.
     *
     * @param range       its pages
     * @param shared      {@code MAP_SHARED}
     * @param of          {@code anon}, {@code shmem} (shared anonymous), or the name of the file
     * @param pageOffset  file page of the first page; has no meaning for {@code anon}
     * @param policy      the NUMA policy that faults follow, as in {@code numa_maps}; null if the model has no policies
     * @param flags       smaps VmFlags without rd wr ex mr mw me sd; more words than are recorded do no harm only if they
     *                    are among those
     * @param thpEligible {@code THPeligible} of smaps
     * @param runs        the populated pages, ascending
     * @param evicted     the swap entries of the file that reach into the VMA, ascending, whatever the page table holds
     *                    there: for each the pages it would be mapped at, those of a large one beyond the VMA too; empty for
     *                    anonymous memory
     * @param holes       the parts of the VMA without entries, as a walk of the page tables meets them: each page of a table
     *                    by itself, and where there is no table all that it would span; may be left out where nobody asks for it
     */
    record Vma(PageRange range, Protection protection, boolean shared, String of, long pageOffset, String policy,
            Set<String> flags, boolean thpEligible, List<PageRun> runs, List<PageRange> evicted,
            List<PageRange> holes) {}

    /** What a page table entry holds. */
    enum EntryState {
        PRESENT("present"), ZERO("zero"), SWAPPED("swapped"), GUARD("guard"), POISON("poison"), WP_MARKER("wp-marker"),
        MIGRATION("migration");

        private final String word;

        EntryState(String word) {
            this.word = word;
        }

        /** The word in recordings. */
        public String word() {
            return word;
        }
    }

    /**
     * A run of equal page table entries. From {@code folioKey} on the fields have meaning for PRESENT only, except
     * {@code mapcount}.
     *
     * @param pmd       mapped by a PMD
     * @param uffdWp    write-protected by userfaultfd
     * @param dirty     the dirty bit of the entries (not of the folio)
     * @param mapcount  mappings of each page; for SWAPPED the swap count of each entry
     * @param folioKey  identity of the first page's folio; a key stands for one life of one folio and is never used again:
     *                  what migration or a split makes has new keys
     * @param keyStride page k belongs to folio {@code folioKey + k * keyStride}; 0 for pages of one large folio, and for
     *                  a run of one page
     * @param order     order of the folios
     * @param index     the first page's index in its folio, counting up in a run of a large folio; 0 for order 0
     * @param frame     page frame number of the first page, counting up over the machine's memory. Splitting leaves every
     *                  page in its frame; that is how pieces are recognised
     * @param node      the NUMA node the pages are on
     * @param tag       content tag of the pages; 0 if they are filled with zeroes
     * @param source    the page the first page's content was written through (a page number, or a file page after a
     *                  {@code pwrite}), counting up; -1 if the content has none ({@code same}, or zeroes)
     */
    record PageRun(PageRange range, EntryState state, boolean pmd, boolean uffdWp, boolean dirty, long mapcount,
            long folioKey, long keyStride, int order, long index, long frame, int node, long tag, long source) {

        /** A run of entries without pages: GUARD, POISON, WP_MARKER, MIGRATION, and ZERO not mapped by a PMD. */
        public static PageRun marker(PageRange range, EntryState state, boolean uffdWp) {
            return new PageRun(range, state, false, uffdWp, false, 0, -1, 0, 0, 0, -1, -1, 0, -1);
        }

        /** The zero page, or with {@code pmd} the huge zero page. */
        public static PageRun zero(PageRange range, boolean pmd, boolean uffdWp) {
            return new PageRun(range, EntryState.ZERO, pmd, uffdWp, false, 0, -1, 0, 0, 0, -1, -1, 0, -1);
        }

        /** Swap entries, each used {@code swapCount} times. */
        public static PageRun swapped(PageRange range, boolean uffdWp, long swapCount) {
            return new PageRun(range, EntryState.SWAPPED, false, uffdWp, false, swapCount, -1, 0, 0, 0, -1, -1, 0, -1);
        }

        /** The folio key of the k-th page. */
        public long keyOf(long k) {
            return folioKey + k * keyStride;
        }
    }

    /**
     * A living folio.
     *
     * @param order its order
     * @param node  the NUMA node it is on
     * @param flags words of: anon ksm swapbacked swapcache mlocked unevictable lru dirty thp exclusive0 (PageAnonExclusive
     *              of the first page)
     */
    record Folio(long key, int order, int node, Set<String> flags) {
        public boolean is(String flag) {
            return flags.contains(flag);
        }
    }

    /**
     * A memfd.
     *
     * @param pages   its size
     * @param blocks  pages it holds, those in swap included
     * @param cached  pages in the page cache
     * @param evicted pages in swap
     * @param data    runs of file pages with data, ascending, as SEEK_DATA and SEEK_HOLE report them
     */
    record Memfd(String name, long pages, long blocks, long cached, long evicted, List<PageRange> data) {}
}
