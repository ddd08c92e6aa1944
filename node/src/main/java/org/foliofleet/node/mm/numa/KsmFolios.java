package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.message.FolioCommand.StillMapped;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.Content;
import org.foliofleet.protocol.message.Ksm.Kind;
import org.foliofleet.protocol.message.Ksm.PageRun;
import org.foliofleet.protocol.message.Ksm.Protected;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/**
 * KSM pages on the side of the folio, mm/ksm.c (R12.3). The mapping of one leads to ksmd; its index is the number of its
 * stable node.
 */
final class KsmFolios {
    private KsmFolios() {}

    /** The stable node of a folio, or 0. */
    static long nodeOf(Folio folio, long frame) {
        return folio.has(Folio.KSM) ? frame + folio.indexDelta() : 0;
    }

    static List<PageRun> inspect(NumaNode node, Ksm.Inspect request, Turn turn) {
        List<PageRun> found = new ArrayList<>();
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            long pages = FolioWalk.pages(folio, from, to, count);
            long frame = head + from;
            node.contents.forEachWithGaps(frame, frame + pages, (start, n, content) -> {
                // the stable nodes of KSM pages in a row are numbered in a row
                long step = folio.has(Folio.KSM) ? 1 : n;
                for (long next = start; next < start + n; next += step) {
                    found.add(new PageRun(page + next - frame, step, next, folio.order(), nodeOf(folio, next), content == null ? 0 : content.tag(),
                            content == null ? -1 : content.sourceOf(next)));
                }
            });
        });
        return found;
    }

    static PageRuns select(NumaNode node, Ksm.Select request, Turn turn) {
        PageRuns.Builder shared = PageRuns.builder();
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            if (folio.has(Folio.KSM)) {
                shared.add(page, FolioWalk.pages(folio, from, to, count), entry);
            }
        });
        return shared.build();
    }

    /** The page of a stable node that is being migrated is alive, though the frame that it is leaving can not be mapped any more. */
    static Boolean isAlive(NumaNode node, Ksm.IsAlive request, Turn turn) {
        Folio folio = node.folios.get(request.frame());
        return folio != null && nodeOf(folio, request.frame()) == request.node();
    }

    static Boolean isShared(NumaNode node, Ksm.IsShared request, Turn turn) {
        Folio folio = node.folios.get(request.frame());
        return folio != null && folio.mapcount() > 1;
    }

    /** A page that is being reclaimed or migrated stays as it is, and one that anything but its mappings refers to, if its entry must change. */
    static Protected protect(NumaNode node, Ksm.Protect request, Turn turn) {
        Pte entry = request.page().entry(0);
        long frame = entry.frame(request.page().start(0));
        Folio folio = node.folios.get(frame);
        if (folio == null || folio.isLarge() || !folio.isMapped() || !folio.has(Folio.LRU) || folio.has(Folio.KSM) && request.kind() == Kind.MAKE
                && nodeOf(folio, frame) == request.node()) {
            return Protected.REFUSED;
        }
        boolean changes = entry.has(Pte.WRITE | Pte.DIRTY | Pte.EXCLUSIVE);
        if (changes && (folio.hasUnexpectedReferences() || folio.isMaybePinned() && entry.has(Pte.EXCLUSIVE))) {
            return Protected.REFUSED;
        }
        Folio after = entry.has(Pte.DIRTY) ? folio.with(Folio.DIRTY) : folio;
        if (request.kind() == Kind.MAKE) {
            after = after.with(Folio.KSM | Folio.DIRTY).withMapping(new KsmdId().key(), request.node() - frame);
        }
        if (after != folio) {
            turn.emit(new FolioBecame(frame, after));
        }
        org.foliofleet.node.mm.numa.Content held = node.contents.get(frame);
        Content content = held == null ? new Content(0, -1) : new Content(held.tag(), held.sourceOf(frame));
        return request.kind() == Kind.MAKE || content.equals(request.content()) ? Protected.DONE : Protected.DIFFERENT;
    }

    static StillMapped map(NumaNode node, Ksm.MapShared request, Turn turn) {
        Folio folio = node.folios.get(request.frame());
        if (folio == null || !folio.isAnon() || nodeOf(folio, request.frame()) != request.node()) {
            return new StillMapped(PageRuns.NONE);
        }
        MappingRules.of(node, turn);
        turn.emit(new SharedMapped(request));
        return new StillMapped(PageRuns.of(request.page(), 1, Pte.present(request.page(), request.frame(), 0, Pte.ANON | Pte.YOUNG)));
    }

    /** A small folio has other flags, or another mapping. */
    private record FolioBecame(long frame, Folio folio) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.folios.set(frame, 1, folio);
        }
    }

    /** A KSM page is mapped once more. */
    private record SharedMapped(Ksm.MapShared map) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            Folio folio = node.folios.get(map.frame());
            Folio after = Rmap.add(node, folio, false, 0, 1, map.mm(), 1);
            if (map.locked()) {
                after = Mlocking.mlock(node, after, 1, 1);
            }
            node.folios.set(map.frame(), 1, Refcounts.raised(node, folio, after, 1));
        }
    }
}
