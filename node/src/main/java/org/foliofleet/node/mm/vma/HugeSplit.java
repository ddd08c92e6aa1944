package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.SplitHuge;

/** {@code split_huge_pages_pid()}, mm/huge_memory.c: page by page, so that pieces may be split again. */
final class HugeSplit {
    /** Folios after which the flight goes on with an empty log. */
    private static final int FOLIOS_PER_FLIGHT = 64;

    /** A page whose folio is to be split. */
    private record Found(long page, Pte entry) {}

    private HugeSplit() {}

    static Void split(Vma vma, SplitHuge request, Turn turn) {
        long end = request.range().end();
        long page = request.range().start();
        for (int folios = 0;; folios++) {
            long from = page;
            Found found = turn.step(() -> next(vma, from, end, request.order()));
            if (found == null) {
                return null;
            }
            if (folios == FOLIOS_PER_FLIGHT) {
                return turn.continueAs(new SplitHuge(PageRange.between(found.page(), end), request.order(), request.offset()));
            }
            Pte entry = found.entry();
            long head = entry.head(found.page());
            int offset = request.offset() < PageOrder.pages(entry.order()) ? request.offset() : -1;
            SplitOutcome outcome = turn.ask(new NumaNodeId(Frame.node(head)),
                    new SplitFolio(head, entry.order(), request.order(), offset, false, Unless.HELD));
            // Pages of a folio that cannot be split fare alike.
            page = outcome == SplitOutcome.SPLIT ? found.page() + 1
                    : found.page() + PageOrder.pages(entry.order()) - (entry.frame(found.page()) - head);
        }
    }

    private static Found next(Vma vma, long from, long end, int order) {
        for (long page = vma.pages.nextKey(from); page < end; page = vma.pages.nextKey(vma.pages.runEnd(page))) {
            Pte entry = vma.pages.get(page);
            if (entry.isPresent() && !entry.has(Pte.SPECIAL) && entry.order() > order) {
                return new Found(page, entry);
            }
        }
        return null;
    }
}
