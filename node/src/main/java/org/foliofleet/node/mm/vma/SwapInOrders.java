package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand.SlotRun;
import org.foliofleet.protocol.message.SwapCommand.Slots;
import org.foliofleet.protocol.message.VmaFlags;

/** {@code thp_swap_suitable_orders()} and {@code can_swapin_thp()}, mm/memory.c: in which sizes pages may be read in (R2.13). */
final class SwapInOrders {
    /** No folio is read but through the swap cache, page by page. */
    static final int BY_SWAP_CACHE = -1;

    private SwapInOrders() {}

    /** Orders below that of a PMD that the settings allow in the VMA, as a bit set. Within a step. */
    static int enabled(Vma vma, Fault fault, KernelSettings settings) {
        if (vma.info.has(VmaFlags.UFFD_ANY)) {
            return 0;
        }
        return settings.anonFaultOrders(vma.info.flags(), fault.task().thp()) & (1 << PageOrder.PMD) - 1;
    }

    /** Those of them whose block around the page has nothing but swap entries of slots in a row. Within a step. */
    static int candidates(Vma vma, Fault fault, KernelSettings settings) {
        if (settings.swapDevice().block()) {
            return 0;
        }
        int orders = enabled(vma, fault, settings);
        int candidates = 0;
        long slot = fault.entry().frame(fault.page());
        for (int order = 1; order < PageOrder.PMD; order++) {
            if ((orders & 1 << order) != 0 && vma.isSuitable(fault.page(), order)
                    && PageOrder.isAligned(slot - fault.page(), order) && isSwapped(vma, fault, order)) {
                candidates |= 1 << order;
            }
        }
        return candidates;
    }

    private static boolean isSwapped(Vma vma, Fault fault, int order) {
        long start = PageOrder.alignDown(fault.page(), order);
        long[] same = {0};
        vma.pages.forEach(start, start + PageOrder.pages(order), (at, count, entry) -> {
            Pte met = fault.entry();
            same[0] += entry.equals(met) ? count : 0;
        });
        return same[0] == PageOrder.pages(order);
    }

    /** Those of the orders whose slots have one entry each, no folio in the swap cache, and an equal zeromap bit. */
    static int usable(Slots found, long slot, int orders) {
        int usable = 0;
        for (int order = 1; order < PageOrder.PMD; order++) {
            if ((orders & 1 << order) != 0 && isUsable(found, PageOrder.alignDown(slot, order), PageOrder.pages(order))) {
                usable |= 1 << order;
            }
        }
        return usable;
    }

    private static boolean isUsable(Slots found, long start, long count) {
        Boolean zero = null;
        for (SlotRun run : found.runs()) {
            if (run.slot() + run.count() <= start || run.slot() >= start + count) {
                continue;
            }
            if (run.references() != 1 || run.frame() >= 0 || zero != null && zero != run.zero()) {
                return false;
            }
            zero = run.zero();
        }
        return true;
    }

    /** What was found from that slot on, as one run; of the first one's kind. */
    static SlotRun from(Slots found, long slot) {
        List<ContentRuns.Run> contents = new ArrayList<>();
        SlotRun first = null;
        long count = 0;
        for (SlotRun run : found.runs()) {
            if (run.slot() + run.count() <= slot) {
                continue;
            }
            long skip = Math.max(0, slot - run.slot());
            first = first == null ? run : first;
            count += run.count() - skip;
            for (ContentRuns.Run content : run.contents().runs()) {
                long cut = Math.min(skip, content.count());
                skip -= cut;
                if (cut < content.count()) {
                    contents.add(new ContentRuns.Run(content.count() - cut, content.tag(), content.source() < 0 ? -1 : content.source() + cut));
                }
            }
        }
        return new SlotRun(slot, count, first.references(), -1, 0, first.zero(), new ContentRuns(contents));
    }
}
