package org.foliofleet.node.conformance;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pages that one operation freed and may get again: the free lists of a CPU ({@code free_frozen_page_commit()}, {@code
 * rmqueue_pcplist()}, mm/page_alloc.c). They are last in, first out, one for each order up to 3 and one for PMD size; larger
 * folios go to the buddy allocator, and what comes from there counts as a new page.
 *
 * <p>Folios that were munlocked as they were unmapped are freed when the batch of {@code munlock_folio()}, which holds a
 * reference of each, is drained: as it gets full, or by a large folio. New folios of a VM_LOCKED VMA fill the same batch.
 *
 * <p>Lists have no limit here; the kernel's give back to the buddy allocator, from the other end, what is too much. Folios
 * that are munlocked but live on, as others map them, are not counted in the batch.
 */
final class FreedPages {
    /** {@code FOLIO_BATCH_SIZE}. */
    private static final int BATCH = 31;
    private static final int COSTLY_ORDER = 3;
    private static final int PMD_ORDER = 9;

    /**
     * A folio that was unmapped for good.
     *
     * @param page    its first page
     * @param address virtual page that it was mapped at, or -1 if that makes no difference
     */
    private record Unmapped(long page, int order, boolean munlocked, long address) {}

    /** By order, the folios' first pages. */
    private final Map<Integer, ArrayDeque<Long>> lists = new HashMap<>();
    /** Since the last allocation. */
    private final List<Unmapped> unmapped = new ArrayList<>();
    /** Folios that only the batch holds, and how many are in it. */
    private final List<Unmapped> held = new ArrayList<>();
    private int batched;

    /** A new operation begins. What was free before it is known to nobody. */
    void clear() {
        lists.clear();
        unmapped.clear();
        held.clear();
        batched = 0;
    }

    /**
     * A folio was freed.
     *
     * @param page    its first page
     * @param address virtual page that it was mapped at: {@code unmap_vmas()} goes by ascending addresses, whatever the order
     *                in which VMAs of the model come to it; or -1 if the order is known to be this
     */
    void freed(long page, int order, boolean munlocked, long address) {
        unmapped.add(new Unmapped(page, order, munlocked, address));
    }

    /**
     * The page that an allocation of the order gets.
     *
     * @param mlocked the new folio goes into the batch
     * @return number of its first page, or -1 if it is none that was freed
     */
    long allocate(int order, boolean mlocked) {
        settle();
        Long page = order > COSTLY_ORDER && order != PMD_ORDER ? null : list(order).poll();
        if (mlocked && (++batched == BATCH || order > 0)) {
            drain();
        }
        return page == null ? -1 : page;
    }

    /** The unmapped folios are freed, but for those that the batch still holds. */
    private void settle() {
        unmapped.sort(Comparator.comparingLong(Unmapped::address));
        List<Unmapped> waiting = new ArrayList<>();
        for (Unmapped folio : unmapped) {
            if (folio.munlocked()) {
                waiting.add(folio);
                if (++batched == BATCH || folio.order() > 0) {
                    waiting.clear();
                    drain();
                }
            }
        }
        int next = 0;
        for (Unmapped folio : unmapped) {
            if (next < waiting.size() && waiting.get(next) == folio) {
                held.add(folio);
                next++;
            } else {
                list(folio.order()).push(folio.page());
            }
        }
        unmapped.clear();
    }

    private void drain() {
        for (Unmapped folio : held) {
            list(folio.order()).push(folio.page());
        }
        held.clear();
        batched = 0;
    }

    private ArrayDeque<Long> list(int order) {
        return lists.computeIfAbsent(order, any -> new ArrayDeque<>());
    }
}
