package org.foliofleet.node.mm.process;

import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.program.Backing;

/** {@code _install_special_mapping()}: the vdso, whose pages are counted, and vvar, whose pages are bare frames (R14.2, R14.3). */
final class SpecialMappings {
    private static final String CODE = "[vdso]";

    private SpecialMappings() {}

    static long flags(Backing.Special special) {
        return special.name().equals(CODE) ? VmaFlags.MIXEDMAP | VmaFlags.DONTEXPAND
                : VmaFlags.PFNMAP | VmaFlags.IO | VmaFlags.DONTEXPAND | VmaFlags.DONTDUMP;
    }
}
