package org.foliofleet.node.conformance;

/**
 * Where scenarios keep their memory. Scenarios and recordings count pages from a fixed address, the arena; programs and
 * the model use page numbers (address divided by 4 KiB).
 */
public final class Arena {
    /** Page number of page index 0: address 0x100000000000. */
    public static final long BASE = 0x100000000L;
    /** Pages in the arena: 4 GiB. */
    public static final long PAGES = 1L << 20;

    private Arena() {}

    /** The page number of a page index. */
    public static long toPage(long index) {
        return BASE + index;
    }

    /** The page index of a page number. */
    public static long toIndex(long page) {
        return page - BASE;
    }

    /** Whether the page number lies in the arena; what lies outside is not recorded. */
    public static boolean contains(long page) {
        return page >= BASE && page < BASE + PAGES;
    }
}
