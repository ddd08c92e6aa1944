package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FindStraddling;
import org.foliofleet.protocol.message.VmaCommand.Straddling;

/** Large anonymous folios that lie across a page at which VMAs meet: what thread A would split (switch vma_split_folio_policy). */
final class StraddlingFolios {
    private StraddlingFolios() {}

    /** Those that this VMA maps. */
    static List<Straddling> find(Vma vma, FindStraddling request, Turn turn) {
        long cut = request.page();
        List<Straddling> found = new ArrayList<>();
        long[] last = {-1};
        vma.pages.forEach(Math.max(vma.info.start(), cut - PageOrder.PMD_PAGES + 1), Math.min(vma.info.end(), cut + PageOrder.PMD_PAGES - 1),
            (from, count, entry) -> {
                boolean large = entry.isPresent() && entry.isAnon() && entry.order() > 0 && !entry.has(Pte.SPECIAL);
                for (long page = from; large && page < from + count;) {
                    long start = start(entry, page);
                    long end = start + PageOrder.pages(entry.order());
                    if (start < cut && cut < end && entry.head(page) != last[0]) {
                        last[0] = entry.head(page);
                        found.add(new Straddling(entry.head(page), entry.order(), (int) (cut - start)));
                    }
                    page = end;
                }
            });
        return List.copyOf(found);
    }

    /** The virtual page at which the folio begins, or would begin. */
    static long start(Pte entry, long page) {
        return page - (entry.frame(page) - entry.head(page));
    }
}
