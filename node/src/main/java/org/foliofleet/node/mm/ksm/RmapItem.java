package org.foliofleet.node.mm.ksm;

import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.message.Ksm.Content;

/**
 * {@code struct ksm_rmap_item}: what ksmd knows of a page at an address.
 *
 * @param checksum content when it was last looked at, or null
 * @param node     stable node whose page it maps, or 0
 * @param unstable it was put into the unstable tree, in the latest scan or the one before
 * @param root     family of the VMA in which it was merged, or null
 * @param age      scans that it was tried in vain
 * @param skips    scans that it may still be left out ({@code smart_scan})
 */
record RmapItem(Content checksum, long node, boolean unstable, AnonVmaRootId root, int age, int skips) {
    static final RmapItem NEW = new RmapItem(null, 0, false, null, 0, 0);
    private static final int MAX_AGE = 255;

    RmapItem withChecksum(Content content) {
        return new RmapItem(content, node, unstable, root, age, skips);
    }

    RmapItem stable(long of, AnonVmaRootId family) {
        return new RmapItem(checksum, of, false, family, age, skips);
    }

    RmapItem inUnstable(boolean in) {
        return new RmapItem(checksum, node, in, root, age, skips);
    }

    RmapItem withSkips(int left) {
        return new RmapItem(checksum, node, unstable, root, age, left);
    }

    RmapItem older() {
        return new RmapItem(checksum, node, unstable, root, Math.min(MAX_AGE, age + 1), skips);
    }
}
