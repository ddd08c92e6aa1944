package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.collection.RunCursor;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** Goes through mapped pages folio by folio, many alike at a time. */
final class FolioWalk {
    /** Takes folios that are alike and are mapped alike. */
    interface Visitor {
        /**
         * Whole folios in a row, all pages of each mapped by the entry; or a part of one folio.
         *
         * @param page  virtual page that maps {@code frame}
         * @param head  first frame of the first folio
         * @param from  first page within the folio, 0 for whole folios
         * @param to    page after the last within the folio
         * @param count number of folios, 1 for a part
         */
        void folios(long page, long head, Folio folio, int from, int to, long count, Pte entry);
    }

    private FolioWalk() {}

    /** Visits the folios of all runs, ascending by virtual page. The visitor may change what it visited. */
    static void over(NumaNode node, PageRuns runs, Visitor visitor) {
        RunCursor<Folio> cursor = new RunCursor<>();
        for (int i = 0; i < runs.size(); i++) {
            over(node, runs.start(i), runs.count(i), runs.entry(i), cursor, visitor);
        }
    }

    private static void over(NumaNode node, long page, long count, Pte entry, RunCursor<Folio> cursor, Visitor visitor) {
        long end = page + count;
        while (page < end) {
            long frame = entry.frame(page);
            Folio folio = node.folios.find(frame, cursor) ? cursor.value() : null;
            if (folio == null || folio.order() != entry.order()) {
                throw new InvariantViolation(node.id() + ": page " + page + " maps frame " + Frame.number(frame) + " by " + entry
                        + ", but its folio is " + folio);
            }
            int pages = folio.pages();
            long head = Frame.head(frame, folio.order());
            int from = (int) (frame - head);
            if (from != 0 || end - page < pages) {
                int to = (int) Math.min(pages, from + (end - page));
                visitor.folios(page, head, folio, from, to, 1, entry);
                page += to - from;
            } else {
                long alike = Math.min(cursor.end() - frame, end - page) >> folio.order();
                visitor.folios(page, head, folio, 0, pages, alike, entry);
                page += alike << folio.order();
            }
        }
    }
}
