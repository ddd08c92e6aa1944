package org.foliofleet.node.mm.numa;

/**
 * Key of a folio's lock ({@code PG_locked}) among the locks of its node. The pieces of a split folio are protected by the
 * reference that the split holds on each of them until it is complete.
 *
 * @param head first frame
 */
record FolioLock(long head) {
    static boolean isHeld(NumaNode node, long head) {
        return node.isLocked(new FolioLock(head));
    }
}
