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

    /** Takes folios as a {@link Visitor} does, and says what becomes of them. */
    interface Editor {
        /** Returns the new value of all these folios; null if they stay, or were changed already. */
        Folio folios(long page, long head, Folio folio, int from, int to, long count, Pte entry);
    }

    private final NumaNode node;
    private final Editor editor;
    /** Where the walk is, and where it was before: neighbours in virtual memory often lie on two tracks of frames. */
    private RunCursor<Folio> cursor = new RunCursor<>();
    private RunCursor<Folio> other = new RunCursor<>();

    private FolioWalk(NumaNode node, Editor editor) {
        this.node = node;
        this.editor = editor;
    }

    /** Number of pages that a visit is about. */
    static long pages(Folio folio, int from, int to, long count) {
        return to - from == folio.pages() ? count << folio.order() : to - from;
    }

    /** Visits the folios of all runs, ascending by virtual page. The visitor may change what it visited. */
    static void over(NumaNode node, PageRuns runs, Visitor visitor) {
        edit(node, runs, (page, head, folio, from, to, count, entry) -> {
            visitor.folios(page, head, folio, from, to, count, entry);
            return null;
        });
    }

    /** Visits the folios of all runs, ascending by virtual page, and stores what the editor makes of them. */
    static void edit(NumaNode node, PageRuns runs, Editor editor) {
        FolioWalk walk = new FolioWalk(node, editor);
        for (int i = 0; i < runs.size(); i++) {
            walk.run(runs.start(i), runs.count(i), runs.entry(i));
        }
    }

    private boolean find(long frame) {
        if (!cursor.isNear(frame)) {
            RunCursor<Folio> last = cursor;
            cursor = other;
            other = last;
        }
        return node.folios.find(frame, cursor);
    }

    private void edit(long page, long head, Folio folio, int from, int to, long count, Pte entry) {
        Folio after = editor.folios(page, head, folio, from, to, count, entry);
        if (after != null) {
            node.folios.set(head, count << folio.order(), after, cursor);
        }
    }

    private void run(long start, long count, Pte entry) {
        long page = start;
        long end = page + count;
        while (page < end) {
            long frame = entry.frame(page);
            Folio folio = find(frame) ? cursor.value() : null;
            if (folio == null || folio.order() != entry.order()) {
                throw new InvariantViolation(node.id() + ": page " + page + " maps frame " + Frame.number(frame) + " by " + entry
                        + ", but its folio is " + folio);
            }
            int pages = folio.pages();
            long head = Frame.head(frame, folio.order());
            int from = (int) (frame - head);
            if (from != 0 || end - page < pages) {
                int to = (int) Math.min(pages, from + (end - page));
                edit(page, head, folio, from, to, 1, entry);
                page += to - from;
            } else {
                long alike = Math.min(cursor.end() - frame, end - page) >> folio.order();
                edit(page, head, folio, 0, pages, alike, entry);
                page += alike << folio.order();
            }
        }
    }
}
