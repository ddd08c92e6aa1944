package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.cache.ShmemOrders;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.TaskContext.ThpControl;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code __thp_vma_allowable_orders()}, mm/huge_memory.c (R2.3, R2.4, R9.2). */
public final class ThpEligibility {
    private ThpEligibility() {}

    /**
     * Orders, as a bit set, that the last aligned block of the VMA leaves of {@code orders}: what is checked outside of
     * page faults.
     */
    public static int suitable(VmaInfo vma, int orders) {
        int left = orders;
        while (left != 0) {
            int order = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(left);
            long start = PageOrder.alignDown(vma.end() - PageOrder.pages(order), order);
            boolean congruent = vma.isAnonymous() || PageOrder.isAligned(vma.start() - vma.pageOffset(), order);
            if (congruent && start >= vma.start() && start + PageOrder.pages(order) <= vma.end()) {
                return left;
            }
            left &= ~(1 << order);
        }
        return 0;
    }

    /**
     * {@code THPeligible} of smaps for memfds and shared anonymous memory.
     *
     * @param size of the file, in pages
     */
    public static boolean isShmemEligible(VmaInfo vma, long size, KernelSettings settings, ThpControl thp) {
        return !vma.has(VmaFlags.SPECIAL | VmaFlags.NOHUGEPAGE)
                && (suitable(vma, ShmemOrders.ALL) & ShmemOrders.forMapping(settings, vma, thp, vma.pageOffset(), size)) != 0;
    }

    /** {@code THPeligible} of smaps for anonymous memory. */
    public static boolean isEligible(VmaInfo vma, KernelSettings settings, ThpControl thp) {
        return vma.isAnonymous() && !vma.has(VmaFlags.SPECIAL | VmaFlags.NOHUGEPAGE)
                && suitable(vma, settings.anonFaultOrders(vma.flags(), thp)) != 0;
    }

    /**
     * Whether blocks of the VMA may be collapsed (R9.2). Files that are not shmem are told from it by their owner.
     *
     * @param forced MADV_COLLAPSE asks: what is set in sysfs does not count
     */
    public static boolean isCollapsible(VmaInfo vma, KernelSettings settings, ThpControl thp, boolean forced) {
        int pmd = 1 << PageOrder.PMD;
        if (vma.has(VmaFlags.SPECIAL | VmaFlags.NOHUGEPAGE) || suitable(vma, pmd) == 0) {
            return false;
        }
        if (!vma.isAnonymous()) {
            return (ShmemOrders.forMapping(settings, vma, thp, vma.pageOffset(), Long.MAX_VALUE / 2, forced) & pmd) != 0;
        }
        boolean wanted = forced ? thp != ThpControl.DISABLED : (settings.anonFaultOrders(vma.flags(), thp) & pmd) != 0;
        return wanted && vma.anonVma() != null;
    }
}
