package org.foliofleet.node.mm.numa;

/**
 * Key of a folio's lock ({@code PG_locked}) among the locks of its node.
 *
 * @param head first frame
 */
record FolioLock(long head) {
    static boolean isHeld(NumaNode node, long head) {
        return node.isLocked(new FolioLock(head));
    }
}
