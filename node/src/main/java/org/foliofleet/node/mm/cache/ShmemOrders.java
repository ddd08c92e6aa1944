package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.KernelSettings.ShmemHuge;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.TaskContext.ThpControl;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** Which folio sizes shmem may use: {@code shmem_allowable_huge_orders()}, mm/shmem.c (R2.12). */
public final class ShmemOrders {
    /** {@code THP_ORDERS_ALL_FILE_DEFAULT}: orders 1 to 9. */
    public static final int ALL = (1 << PageOrder.PMD + 1) - 2;
    private static final int PMD = 1 << PageOrder.PMD;

    private ShmemOrders() {}

    /**
     * Orders for a fault in a mapping of a memfd or of shared anonymous memory, as a bit set.
     *
     * @param index file page
     * @param size  of the file, in pages
     */
    public static int forMapping(KernelSettings settings, VmaInfo vma, ThpControl control, long index, long size) {
        return forMapping(settings, vma, control, index, size, false);
    }

    /**
     * The same, and for MADV_COLLAPSE.
     *
     * @param forced whatever {@code shmem_enabled} says, but for {@code deny}
     */
    public static int forMapping(KernelSettings settings, VmaInfo vma, ThpControl control, long index, long size, boolean forced) {
        boolean advised = vma.has(VmaFlags.HUGEPAGE);
        if (vma.has(VmaFlags.NOHUGEPAGE) || control == ThpControl.DISABLED || control == ThpControl.ONLY_ADVISED && !advised && !forced) {
            return 0;
        }
        if (settings.shmem() == ShmemHuge.DENY) {
            return 0;
        }
        int inherit = withMode(settings, ShmemHuge.INHERIT);
        if (settings.shmem() == ShmemHuge.FORCE) {
            return inherit;
        }
        int orders = withMode(settings, ShmemHuge.ALWAYS) | withinSize(withMode(settings, ShmemHuge.WITHIN_SIZE), index, size, 0);
        if (advised) {
            orders |= withMode(settings, ShmemHuge.ADVISE);
        }
        // shmem_enabled says only whether there are huge pages at all, and is asked for those of PMD size
        if (forced || global(settings, PMD, advised, index, size, 0) != 0) {
            orders |= inherit;
        }
        return orders & ALL;
    }

    /**
     * Orders for a system call on the file.
     *
     * @param end the call reaches up to this file page
     */
    static int forCall(KernelSettings settings, long index, long size, long end) {
        return settings.shmem() == ShmemHuge.DENY ? 0 : global(settings, ALL, false, index, size, end);
    }

    /** {@code shmem_huge_global_enabled()}. */
    private static int global(KernelSettings settings, int orders, boolean advised, long index, long size, long end) {
        return switch (settings.shmem()) {
            case FORCE -> PMD;
            case ALWAYS -> orders;
            case WITHIN_SIZE -> {
                int within = withinSize(orders, index, size, end);
                yield within != 0 || !advised ? within : orders;
            }
            case ADVISE -> advised ? orders : 0;
            default -> 0;
        };
    }

    /** {@code shmem_get_orders_within_size()}. */
    private static int withinSize(int orders, long index, long size, long end) {
        int left = orders;
        while (left != 0) {
            int order = highest(left);
            if (Math.max(size, end) >= PageOrder.alignUp(index + 1, order)) {
                return left;
            }
            left &= ~(1 << order);
        }
        return 0;
    }

    private static int withMode(KernelSettings settings, ShmemHuge mode) {
        int orders = 0;
        for (int order = 1; order <= PageOrder.PMD; order++) {
            if (settings.shmemMthp(order) == mode) {
                orders |= 1 << order;
            }
        }
        return orders;
    }

    /** {@code highest_order()}. */
    static int highest(int orders) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(orders);
    }
}
