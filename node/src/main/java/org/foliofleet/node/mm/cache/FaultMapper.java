package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand.Fault;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext.ThpControl;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * Which entries faults set, page table after page table: {@code filemap_map_pages()}, {@code finish_fault()} and {@code
 * do_set_pmd()} (R2.9 to R2.11). Lives for one step.
 */
final class FaultMapper {
    private final AddressSpace space;
    private final Fault fault;
    private final VmaInfo vma;
    private final int window;
    private final boolean writable;
    private final RunSet empty = new RunSet();
    /** Entries that map whole folios by one call each, and others. */
    private final RunMap<Pte> whole = new RunMap<>();
    private final RunMap<Pte> parts = new RunMap<>();
    /** First page of the page table that faults are on now. */
    private long block;
    private boolean pmdNone;
    private boolean pmdMapped;
    private long faults;

    FaultMapper(AddressSpace space, Fault fault, int window) {
        this.space = space;
        this.fault = fault;
        this.vma = fault.vma();
        this.window = window;
        for (int i = 0; i < fault.empty().size(); i++) {
            empty.add(fault.empty().start(i), fault.empty().count(i));
        }
        // vma_wants_writenotify(): a read may map what can be written if nobody wants to know of the first write
        boolean notify = !space.shmem || vma.has(VmaFlags.UFFD_WP);
        writable = vma.has(VmaFlags.WRITE) && vma.has(VmaFlags.SHARED) && !notify;
    }

    /** Faults are on the page table of that page from now on. */
    void enter(long page) {
        block = PageOrder.alignDown(page, PageOrder.PMD);
        pmdMapped = false;
        pmdNone = false;
        FrameRuns none = fault.pmdNone();
        for (int i = 0; i < none.size() && !pmdNone; i++) {
            pmdNone = none.start(i) <= block >> PageOrder.PMD && block >> PageOrder.PMD < none.start(i) + none.count(i);
        }
    }

    /** The next page takes a fault of its own. */
    void beginFault() {
        faults++;
    }

    /** The first page from {@code page} on that still has no entry; past the page table if there is none. */
    long nextEmpty(long page) {
        return pmdMapped ? block + PageOrder.PMD_PAGES : empty.next(page);
    }

    /** {@code should_fault_around()}. */
    boolean mapsAround() {
        return !fault.write() && window > 1 && !vma.has(VmaFlags.UFFD_WP | VmaFlags.UFFD_MINOR);
    }

    long windowStart(long page) {
        return Math.max(vma.start(), block + (page - block & -window));
    }

    long windowEnd(long page) {
        return Math.min(Math.min(windowStart(page) + window, block + PageOrder.PMD_PAGES), vma.end());
    }

    /**
     * {@code filemap_map_pages()} around the page, but for folios that were not in the cache when the fault looked.
     *
     * @param absent file pages of these, or null
     */
    void around(long page, RunSet absent) {
        long from = vma.pageOffsetOf(windowStart(page));
        long to = Math.min(vma.pageOffsetOf(windowEnd(page)), space.size);
        boolean first = true;
        boolean large = true;
        for (long index = space.pages.nextKey(from); index < to && !pmdMapped;) {
            CachePage cached = space.pages.get(index);
            long next = cached.swapped() ? index + 1 : cached.next(index);
            if (cached.isReady() && (absent == null || !absent.contains(index))) {
                if (first) {
                    large = space.shmem || space.size > next;
                    first = false;
                    if (large && trySetPmd(page, cached, index)) {
                        return;
                    }
                    pmdNone = false;
                }
                if (large && fits(cached, index)) {
                    mapEmpty(cached, cached.head(index), next);
                } else {
                    mapEmpty(cached, index, Math.min(next, to));
                }
            }
            index = space.pages.nextKey(next);
        }
    }

    /**
     * Faults around pages that follow each other, while all that is around them has no entry and is of one folio, which is
     * not mapped whole.
     *
     * @param cached what has the page, not new in the cache
     * @param end    the access ends here, or its part on this page table
     * @return the first page that none of them mapped
     */
    long aroundAll(long page, CachePage cached, long end) {
        long index = vma.pageOffsetOf(page);
        if (pmdNone || windowStart(page) != page || !cached.isReady() || fits(cached, index)) {
            return page;
        }
        long last = vma.addressOf(Math.min(cached.next(index), space.size));
        long at = page;
        while (at < end && windowEnd(at) <= last && empty.contains(at, windowEnd(at) - at)) {
            at = windowEnd(at);
            faults++;
        }
        if (at > page) {
            map(cached, index, vma.pageOffsetOf(at));
        }
        return at;
    }

    /** {@code finish_fault()}: maps the page, with the whole folio where that fits. */
    void finish(long page, CachePage cached) {
        long index = vma.pageOffsetOf(page);
        boolean single = !space.shmem && space.size < cached.next(index);
        if (pmdNone) {
            if (!single && trySetPmd(page, cached, index)) {
                return;
            }
            pmdNone = false;
        }
        long head = cached.head(index);
        long start = vma.addressOf(head);
        long pages = PageOrder.pages(cached.order());
        if (!single && !vma.has(VmaFlags.UFFD_ANY) && fits(cached, index) && empty.contains(start, pages)) {
            map(cached, head, head + pages);
        } else if (empty.contains(page)) {
            map(cached, index, index + 1);
        }
    }

    /** Whether the folio lies inside the VMA and the page table. */
    private boolean fits(CachePage cached, long index) {
        long start = vma.addressOf(cached.head(index));
        long end = start + PageOrder.pages(cached.order());
        return start >= vma.start() && end <= vma.end() && start >= block && end <= block + PageOrder.PMD_PAGES;
    }

    /** {@code do_set_pmd()} (R2.11). */
    private boolean trySetPmd(long page, CachePage cached, long index) {
        if (!pmdNone || cached.order() != PageOrder.PMD || vma.has(VmaFlags.NOHUGEPAGE) || fault.task().thp() == ThpControl.DISABLED
                || fault.marker() || !PageOrder.isAligned(vma.start() - vma.pageOffset(), PageOrder.PMD)
                || block < vma.start() || block + PageOrder.PMD_PAGES > vma.end()) {
            return false;
        }
        whole.set(block, PageOrder.PMD_PAGES, entry(cached, Pte.PMD));
        pmdMapped = true;
        pmdNone = false;
        return true;
    }

    /** Maps those of the file pages whose entries are empty. */
    private void mapEmpty(CachePage cached, long from, long to) {
        RunSet free = new RunSet();
        empty.forEach(vma.addressOf(from), vma.addressOf(to), (start, count) -> free.add(start, count));
        free.forEach((start, count) -> map(cached, vma.pageOffsetOf(start), vma.pageOffsetOf(start + count)));
    }

    /** {@code set_pte_range()}. */
    private void map(CachePage cached, long from, long to) {
        long start = vma.addressOf(from);
        boolean all = to - from == PageOrder.pages(cached.order());
        (all ? whole : parts).set(start, to - from, entry(cached, 0));
        empty.remove(start, to - from);
    }

    private Pte entry(CachePage cached, int flags) {
        int all = flags | Pte.YOUNG | (space.shmem ? Pte.SHMEM : 0);
        if (fault.write()) {
            all |= Pte.DIRTY | Pte.WRITE;
        } else if (writable) {
            all |= Pte.WRITE;
        }
        if (fault.marker()) {
            all = all & ~Pte.WRITE | Pte.UFFD_WP;
        }
        // the frame is that of the file page, which lies pageOffset - start from the virtual page
        return new Pte(Pte.State.PRESENT, cached.delta() + vma.pageOffset() - vma.start(), cached.order(), all);
    }

    /**
     * What is to be mapped.
     *
     * @param whole  entries that map whole folios by one call each
     * @param parts  other entries
     * @param faults that set them
     */
    record Plan(PageRuns whole, PageRuns parts, long faults) {
        /** All entries, ascending. */
        PageRuns entries() {
            RunMap<Pte> all = new RunMap<>();
            for (PageRuns runs : new PageRuns[] {whole, parts}) {
                for (int i = 0; i < runs.size(); i++) {
                    all.set(runs.start(i), runs.count(i), runs.entry(i));
                }
            }
            return runs(all);
        }
    }

    Plan plan() {
        return new Plan(runs(whole), runs(parts), faults);
    }

    private static PageRuns runs(RunMap<Pte> entries) {
        PageRuns.Builder runs = PageRuns.builder();
        entries.forEach(runs::add);
        return runs.build();
    }
}
