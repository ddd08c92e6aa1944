package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;

/**
 * Where a walk of page tables finds nothing: {@code walk_page_vma()} with a {@code pte_hole}, mm/pagewalk.c. A hole is what one
 * entry that is none spans, as far as the VMA goes: 1 GiB without a table of PMDs, 2 MiB without a page table, or a page.
 */
final class PageTableHoles {
    /** Order of what a table of PMDs spans. */
    private static final int PUD = 18;

    private PageTableHoles() {}

    /**
     * The holes of a VMA, ascending.
     *
     * @param all the VMAs of the process: they share tables of PMDs. One that is there without tables below it is taken for none
     */
    static List<PageRange> of(Vma vma, List<Vma> all) {
        List<PageRange> holes = new ArrayList<>();
        long end = vma.info().end();
        long next;
        for (long at = vma.info().start(); at < end; at = next) {
            next = Math.min(end, PageOrder.alignDown(at, PUD) + PageOrder.pages(PUD));
            if (hasTables(all, PageOrder.alignDown(at, PUD))) {
                addBlocks(holes, vma, at, next);
            } else {
                holes.add(PageRange.between(at, next));
            }
        }
        return holes;
    }

    private static boolean hasTables(List<Vma> all, long pudStart) {
        for (Vma vma : all) {
            long end = Math.min(vma.info().end(), pudStart + PageOrder.pages(PUD));
            long start = Math.max(vma.info().start(), pudStart);
            for (long at = PageOrder.alignDown(start, PageOrder.PMD); start < end && at < end; at += PageOrder.PMD_PAGES) {
                if (!vma.isPmdNone(at)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void addBlocks(List<PageRange> holes, Vma vma, long from, long to) {
        long next;
        for (long at = from; at < to; at = next) {
            next = Math.min(to, PageOrder.alignDown(at, PageOrder.PMD) + PageOrder.PMD_PAGES);
            if (vma.isPmdNone(at)) {
                holes.add(PageRange.between(at, next));
            } else {
                addPages(holes, vma, at, next);
            }
        }
    }

    private static void addPages(List<PageRange> holes, Vma vma, long from, long to) {
        for (long page = from; page < to; page++) {
            if (vma.pages().get(page) == null) {
                holes.add(new PageRange(page, 1));
            }
        }
    }
}
