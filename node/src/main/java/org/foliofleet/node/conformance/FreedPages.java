package org.foliofleet.node.conformance;

import java.util.ArrayDeque;
import java.util.ArrayList;
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

    /** By order, the folios' first pages. */
    private final Map<Integer, ArrayDeque<Long>> lists = new HashMap<>();
    /** Freed since the last allocation; they are in the order of the addresses. */
    private final List<Long> unmapped = new ArrayList<>();
    /** Those of them, by index, that were munlocked since the batch was last drained. */
    private final List<Integer> munlocked = new ArrayList<>();
    /** Pages that only the batch holds, and how many folios are in it. */
    private final List<Long> held = new ArrayList<>();
    private int batched;

    /** A new operation begins. What was free before it is known to nobody. */
    void clear() {
        lists.clear();
        unmapped.clear();
        munlocked.clear();
        held.clear();
        batched = 0;
    }

    /** A folio was freed, whose first page is this. */
    void freed(long page, int order, boolean wasMunlocked) {
        if (order > 0) {
            settle();
            if (wasMunlocked) {
                drain();
            }
            list(order).push(page);
            return;
        }
        unmapped.add(page);
        if (wasMunlocked) {
            munlocked.add(unmapped.size() - 1);
            if (++batched == BATCH) {
                munlocked.clear();
                drain();
            }
        }
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

    /** The unmapped pages are freed, but for those that the batch holds. */
    private void settle() {
        int next = 0;
        for (int i = 0; i < unmapped.size(); i++) {
            if (next < munlocked.size() && munlocked.get(next) == i) {
                held.add(unmapped.get(i));
                next++;
            } else {
                list(0).push(unmapped.get(i));
            }
        }
        unmapped.clear();
        munlocked.clear();
    }

    private void drain() {
        for (long page : held) {
            list(0).push(page);
        }
        held.clear();
        batched = 0;
    }

    private ArrayDeque<Long> list(int order) {
        return lists.computeIfAbsent(order, any -> new ArrayDeque<>());
    }
}
