package org.foliofleet.node.mm.numa;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.ResolveWrite;
import org.foliofleet.protocol.message.NumaNodeCommand.WriteResolved;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** {@code wp_can_reuse_anon_folio()} and its PMD counterpart: reuse or copy (R4.2, R4.3, R4.7). */
final class WriteResolution {
    private WriteResolution() {}

    /**
     * Answers for as many pages as the answer to one cannot change that to the next: any number of small folios or PMDs,
     * any number of reused pages of a large folio, one copied page of a large folio.
     */
    static WriteResolved resolve(NumaNode node, ResolveWrite request, Turn turn) {
        PageRuns.Builder reuse = PageRuns.builder();
        PageRuns.Builder copy = PageRuns.builder();
        boolean[] stop = {false};
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            if (stop[0]) {
                return;
            }
            long pages = count == 1 ? to - from : count << folio.order();
            boolean reusable = !entry.has(Pte.KSM) && isReusable(folio, entry);
            if (reusable && folio.has(Folio.SWAPCACHE)) {
                turn.emit(new SwapCacheDropped(head, count));
            }
            if (reusable) {
                reuse.add(page, pages, entry);
            } else if (!folio.isLarge() || entry.isPmd()) {
                copy.add(page, pages, entry);
            } else {
                copy.add(page, 1, entry);
                stop[0] = true;
            }
        });
        PageRuns copies = copy.build();
        return new WriteResolved(reuse.build(), copies, copies.isEmpty() ? new ContentRuns(List.of()) : Contents.of(node, copies));
    }

    private static boolean isReusable(Folio folio, Pte entry) {
        if (!folio.isAnon() || folio.has(Folio.KSM)) {
            return false;
        }
        long references = folio.references() - (folio.has(Folio.SWAPCACHE) ? folio.pages() : 0);
        if (!folio.isLarge() || entry.isPmd()) {
            return references == 1;
        }
        return folio.mapcount() > 1 && !folio.has(Folio.MM_SHARED) && references == folio.mapcount();
    }

    /** {@code folio_free_swap()} before a reuse. */
    private record SwapCacheDropped(long head, long folios) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            Folio folio = node.folios.get(head);
            node.folios.set(head, folios << folio.order(), folio.withSwap(false, 0).with(Folio.DIRTY));
        }
    }
}
