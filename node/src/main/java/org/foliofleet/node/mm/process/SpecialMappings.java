package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.DeviceKind;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * Mappings of what no page cache holds: {@code _install_special_mapping()} of the vdso, whose pages are counted, and vvar,
 * whose pages are bare frames, and {@code mmap} handlers of drivers (R14.2 to R14.4).
 */
final class SpecialMappings {
    private static final String CODE = "[vdso]";
    private static final long BARE = VmaFlags.PFNMAP | VmaFlags.IO | VmaFlags.DONTEXPAND | VmaFlags.DONTDUMP;

    private SpecialMappings() {}

    static long flags(Backing.Special special) {
        return special.name().equals(CODE) ? VmaFlags.MIXEDMAP | VmaFlags.DONTEXPAND : BARE;
    }

    /**
     * A device that is to be mapped.
     *
     * @param error why it can not be, or null
     */
    record Opened(AddressSpaceId device, DeviceKind kind, Errno error) {}

    /** What the driver looks at before anything is mapped. */
    static Opened open(MemoryCall.Mmap mmap, Backing.Device named, Turn turn) {
        AddressSpaceId device = turn.ask(new NamespaceId(), new NamespaceCommand.OpenDevice(named.name()));
        if (device == null) {
            return new Opened(null, null, Errno.ENOENT);
        }
        Device.Description memory = turn.ask(device, new Device.Describe());
        boolean fits = memory.kind().faults() || named.pageOffset() + mmap.range().count() <= memory.pages();
        boolean copies = !mmap.shared() && mmap.protection().write();
        return new Opened(device, memory.kind(), fits && !(copies && memory.kind() == DeviceKind.PFN_FAULT) ? null : Errno.EINVAL);
    }

    /** What the driver adds to {@code vm_flags}; such a VMA is never locked. */
    static long flags(DeviceKind kind) {
        if (kind.isPfnMap()) {
            return BARE;
        }
        return kind == DeviceKind.INSERT_PAGES ? VmaFlags.MIXEDMAP | VmaFlags.DONTEXPAND : VmaFlags.MIXEDMAP;
    }
}
