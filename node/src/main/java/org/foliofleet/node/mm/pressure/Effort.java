package org.foliofleet.node.mm.pressure;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.protocol.message.VmaFlags;

/** How hard an allocation tries: what its {@code gfp_t} allows. */
public enum Effort {
    /** Takes what is there: {@code GFP_TRANSHUGE_LIGHT}. */
    NONE,
    /** Wakes kswapd as well: {@code __GFP_KSWAPD_RECLAIM}. */
    KSWAPD,
    /** Reclaims once: {@code GFP_TRANSHUGE} with {@code __GFP_NORETRY}. */
    ONCE,
    /** Reclaims until there is memory or somebody was killed for it: {@code GFP_KERNEL}, {@code GFP_HIGHUSER_MOVABLE}. */
    FULL;

    /** {@code vma_thp_gfp_mask()}: for a folio of an anonymous VMA with these flags (R2.4). */
    public static Effort of(int order, long vmaFlags, KernelSettings settings) {
        if (order == 0) {
            return FULL;
        }
        boolean advised = (vmaFlags & VmaFlags.HUGEPAGE) != 0;
        return switch (settings.thpDefrag()) {
            case "always" -> ONCE;
            case "defer" -> KSWAPD;
            case "defer+madvise" -> advised ? ONCE : KSWAPD;
            case "never" -> NONE;
            default -> advised ? ONCE : NONE;
        };
    }
}
