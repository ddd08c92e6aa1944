package org.foliofleet.protocol.id;

/** Folio orders on x86-64 with 4 KiB pages: a folio of order k has {@code 2^k} pages. */
public final class PageOrder {
    /** Order of a folio that one PMD entry maps: 2 MiB. */
    public static final int PMD = 9;

    /** Pages of a PMD-sized folio, and of what one page table covers. */
    public static final long PMD_PAGES = 1L << PMD;

    private PageOrder() {}

    public static long pages(int order) {
        return 1L << order;
    }

    /** The page at or below {@code page} that is aligned to {@code 2^order} pages. */
    public static long alignDown(long page, int order) {
        return page & -1L << order;
    }

    public static long alignUp(long page, int order) {
        return alignDown(page + pages(order) - 1, order);
    }

    public static boolean isAligned(long page, int order) {
        return alignDown(page, order) == page;
    }
}
