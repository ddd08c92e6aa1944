package org.foliofleet.node.mm.numa;

import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Memcg;

/**
 * {@code struct folio}, without what differs between the folios of a run: instead of an index, its distance from the
 * frame number. Immutable; equal neighbours share a run of the node's folio table.
 *
 * <p>There is no reference count of its own: it is the sum of what takes references (R1.3), see {@link #references()}.
 *
 * @param order        the folio has {@code 2^order} pages
 * @param flags        bits of this class, and the number of the cgroup that it is charged to
 * @param entire       mappings by a PMD ({@code _entire_mapcount + 1})
 * @param counts       PTE mappings of each page
 * @param pins         FOLL_PIN count; of a small folio each stands for 1024 references
 * @param gets         plain references (FOLL_GET) and other holders
 * @param mms          the tracked mms (R1.5); of a small folio, none
 * @param mapping      key of the owner that finds its mappers: an anon_vma root, an address space; 0 for none
 * @param indexDelta   {@code folio->index} minus frame number of the first page
 * @param swapDelta    first swap entry minus frame number, while {@link #SWAPCACHE}
 * @param mlockCount   {@code mlock_count} (R1.14)
 */
public record Folio(int order, int flags, long entire, PageCounts counts, long pins, long gets, MmIds mms, long mapping,
        long indexDelta, long swapDelta, int mlockCount) {

    /** Folios that track no mm share one object for that. */
    public Folio {
        mms = mms.equals(MmIds.NONE) ? MmIds.NONE : mms;
    }

    public static final int ANON = 1;
    public static final int KSM = 1 << 1;
    public static final int SWAPBACKED = 1 << 2;
    public static final int SWAPCACHE = 1 << 3;
    public static final int MLOCKED = 1 << 4;
    public static final int UNEVICTABLE = 1 << 5;
    public static final int LRU = 1 << 6;
    public static final int DIRTY = 1 << 7;
    /** PG_partially_mapped (R1.15). */
    public static final int PARTIALLY_MAPPED = 1 << 8;
    /** On the deferred split queue. */
    public static final int DEFERRED = 1 << 9;
    /** The "mapped shared" bit of the mm ids (R1.6). */
    public static final int MM_SHARED = 1 << 10;
    /** In a page cache: one reference a page. */
    public static final int CACHED = 1 << 11;
    /** PageAnonExclusive stayed behind on the first page when it was unmapped. */
    public static final int STALE_EXCLUSIVE = 1 << 12;
    /** On the active list. */
    public static final int ACTIVE = 1 << 13;
    public static final int REFERENCED = 1 << 14;
    /** The reference count stopped at its maximum: the folio is never freed. */
    public static final int SATURATED = 1 << 15;
    /** On the deferred split queue though it is mapped whole: across VMAs, or by PTEs (switches of thread A). */
    public static final int SPLIT_WANTED = 1 << 27;
    /** Its mapping was discarded as lazyfree while somebody held it, which the switch lazyfree_ref_check allows. */
    public static final int DROPPED_WHILE_HELD = 1 << 28;
    /** Fork has shared it at some time; kept only where {@code relocate_shared_test} asks for it. */
    public static final int EVER_SHARED = 1 << 16;

    /** Memory of a driver: in no page cache and on no LRU list, found by no rmap. */
    public static final int DRIVER = 1 << 17;

    /** Above the flags: the cgroup. */
    private static final int CGROUP_SHIFT = 20;
    private static final int CGROUP_BITS = Memcg.MAX_CGROUPS << CGROUP_SHIFT;
    /** PG_writeback: the swap device is writing it. */
    public static final int WRITEBACK = 1 << 18;
    /** PG_reclaim: it becomes the oldest of its list when it has been written. */
    public static final int RECLAIM = 1 << 19;

    /** PG_workingset: it was active, and was deactivated. */
    public static final int WORKINGSET = 1 << 29;

    public int pages() {
        return 1 << order;
    }

    public boolean isLarge() {
        return order > 0;
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public boolean isAnon() {
        return (flags & ANON) != 0;
    }

    /** Anonymous and not swapbacked: MADV_FREE. */
    public boolean isLazyfree() {
        return (flags & (ANON | SWAPBACKED)) == ANON;
    }

    /** {@code folio_mapcount()}: all mappings, each PTE and each PMD one. */
    public long mapcount() {
        return entire + counts.sum();
    }

    /** Mappings of one page, PMD mappings included: {@code /proc/kpagecount}. */
    public long pageMapcount(int page) {
        return entire + counts.get(page);
    }

    public boolean isMapped() {
        return entire > 0 || !counts.isZero();
    }

    /** References of the page or swap cache: one a page. */
    public long cacheReferences() {
        return (has(SWAPCACHE) ? pages() : 0) + (has(CACHED) ? pages() : 0);
    }

    /** {@code _refcount}, exact and of unlimited width (R1.3, R1.4, R1.9). */
    public long references() {
        return mapcount() + cacheReferences() + gets + (isLarge() ? pins : 1024 * pins);
    }

    /** {@code folio_maybe_dma_pinned()} (R1.10): exact for large folios, a guess for small ones. */
    public boolean isMaybePinned() {
        return isLarge() ? pins > 0 : references() >= 1024;
    }

    /** Mapped pages, each mapping of each counted: a PMD maps all. */
    public long pageMappings() {
        return (entire << order) + counts.sum();
    }

    /** Pages that anybody maps. */
    public int mappedPages() {
        return entire > 0 ? pages() : counts.mapped();
    }

    /**
     * In how many page tables it is mapped: as often as the page that is mapped most. Exact unless page tables that map
     * parts of it have no page in common.
     */
    public long tables() {
        return entire + counts.max();
    }

    /** Whether more than one mm maps it, which no kernel knows; of a small folio, whether it is mapped more than once. */
    public boolean isMappedByOthers() {
        long mapcount = mapcount();
        return mapcount > 1 && (!isLarge() || mms.areSeveral(mapcount));
    }

    /** {@code folio_maybe_mapped_shared()} as 6.18 has it (R1.8); {@link MappingRules#isShared} is what the machine goes by. */
    public boolean isMaybeMappedShared() {
        long mapcount = mapcount();
        if (mapcount <= 1) {
            return false;
        }
        return !isLarge() || has(MM_SHARED);
    }

    /** Nothing refers to it but {@code extra} transient holders and its mappings and caches: it can be frozen. */
    public boolean hasUnexpectedReferences() {
        return gets > 0 || pins > 0;
    }

    public int mm0() {
        return mms.first();
    }

    /** Mappings by the first tracked mm. */
    public long mm0Count() {
        return mms.firstCount();
    }

    public int mm1() {
        return mms.second();
    }

    /** Mappings by the second tracked mm. */
    public long mm1Count() {
        return mms.secondCount();
    }

    public Folio withFlags(int newFlags) {
        return newFlags == flags ? this : new Folio(order, newFlags, entire, counts, pins, gets, mms, mapping, indexDelta, swapDelta, mlockCount);
    }

    public Folio with(int flag) {
        return withFlags(flags | flag);
    }

    public Folio without(int flag) {
        return withFlags(flags & ~flag);
    }

    /** {@code folio_memcg()}: number of the cgroup that it is charged to, 0 for the root. */
    public int cgroup() {
        return cgroup(flags);
    }

    /** The same of the flags alone. */
    static int cgroup(int flags) {
        return (flags & CGROUP_BITS) >>> CGROUP_SHIFT;
    }

    /** The same folio, charged to that cgroup. */
    public Folio withCgroup(int number) {
        return withFlags(flags & ~CGROUP_BITS | number << CGROUP_SHIFT);
    }

    public Folio withCounts(long newEntire, PageCounts newCounts) {
        return new Folio(order, flags, newEntire, newCounts, pins, gets, mms, mapping, indexDelta, swapDelta, mlockCount);
    }

    Folio withMms(int newMm0, long newCount0, int newMm1, long newCount1, MmOthers others, boolean shared) {
        return new Folio(order, shared ? flags | MM_SHARED : flags & ~MM_SHARED, entire, counts, pins, gets,
                MmIds.of(newMm0, newCount0, newMm1, newCount1, others), mapping, indexDelta, swapDelta, mlockCount);
    }

    public Folio withPins(long newPins) {
        return new Folio(order, flags, entire, counts, newPins, gets, mms, mapping, indexDelta, swapDelta, mlockCount);
    }

    public Folio withGets(long newGets) {
        return new Folio(order, flags, entire, counts, pins, newGets, mms, mapping, indexDelta, swapDelta, mlockCount);
    }

    public Folio withMapping(long newMapping, long newIndexDelta) {
        return new Folio(order, flags, entire, counts, pins, gets, mms, newMapping, newIndexDelta, swapDelta, mlockCount);
    }

    public Folio withSwap(boolean cached, long newSwapDelta) {
        return new Folio(order, cached ? flags | SWAPCACHE : flags & ~SWAPCACHE, entire, counts, pins, gets, mms, mapping,
                indexDelta, cached ? newSwapDelta : 0, mlockCount);
    }

    public Folio withMlockCount(int count) {
        return new Folio(order, flags, entire, counts, pins, gets, mms, mapping, indexDelta, swapDelta, count);
    }

    /** A new anonymous folio that nobody maps yet; {@code index} is that of its first page at {@code frame}. */
    public static Folio anon(int order, long mapping, long indexDelta) {
        return new Folio(order, ANON | SWAPBACKED | LRU, 0, PageCounts.uniform(1 << order, 0), 0, 0, MmIds.NONE, mapping, indexDelta, 0, 0);
    }

    /** A new shmem folio in the page cache. */
    public static Folio shmem(int order, long mapping, long indexDelta) {
        return new Folio(order, SWAPBACKED | LRU | CACHED, 0, PageCounts.uniform(1 << order, 0), 0, 0, MmIds.NONE, mapping, indexDelta, 0, 0);
    }

    /** Whether the folio is one that a PMD can map. */
    public boolean isPmdSized() {
        return order == PageOrder.PMD;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Folio f && flags == f.flags && order == f.order && mapping == f.mapping
                && indexDelta == f.indexDelta && entire == f.entire && pins == f.pins && gets == f.gets && mms.equals(f.mms)
                && swapDelta == f.swapDelta
                && mlockCount == f.mlockCount && counts.equals(f.counts);
    }

    @Override
    public int hashCode() {
        return Long.hashCode((indexDelta * 31 + mapping) * 31 + flags * 17L + order) + counts.hashCode();
    }
}
