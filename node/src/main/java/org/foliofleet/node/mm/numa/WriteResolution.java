package org.foliofleet.node.mm.numa;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.ResolveWrite;
import org.foliofleet.protocol.message.NumaNodeCommand.WriteResolved;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code wp_can_reuse_anon_folio()} and its PMD counterpart: reuse or copy (R4.2, R4.3, R4.7). */
final class WriteResolution {
    private static final FrameRuns[] NONE = {FrameRuns.NONE, FrameRuns.NONE};

    private WriteResolution() {}

    /**
     * Answers for as many pages as the answer to one cannot change that to the next: any number of small folios or PMDs,
     * any number of reused pages of a large folio, one copied page of a large folio. For none if the folios are no longer
     * what the entries say: whoever asked looks at them again.
     */
    static WriteResolved resolve(NumaNode node, ResolveWrite request, Turn turn) {
        List<FrameRuns> cached = turn.step(() -> List.of(cached(node, request, turn)));
        if (!cached.get(0).isEmpty()) {
            FrameRuns freed = turn.ask(new SwapId(), new SwapCommand.FreeUnused(cached.get(1)));
            SwapCacheFreeing.drop(node, cached.get(0), freed, turn);
        }
        return turn.step(() -> decide(node, request, turn));
    }

    private static WriteResolved decide(NumaNode node, ResolveWrite request, Turn turn) {
        if (!isAsIs(node, request.runs())) {
            return new WriteResolved(PageRuns.NONE, PageRuns.NONE, ContentRuns.NONE);
        }
        PageRuns.Builder reuse = PageRuns.builder();
        PageRuns.Builder copy = PageRuns.builder();
        boolean[] stop = {false};
        long[] avoidable = {0};
        long[] merged = {0};
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            if (stop[0]) {
                return;
            }
            long pages = count == 1 ? to - from : count << folio.order();
            if (!entry.has(Pte.KSM) && isReusable(node, folio, entry, from, folio.references(), turn)) {
                long reused = node.rules.reused(folio, from, to, pages);
                reuse.add(page, reused, entry);
                stop[0] = reused < pages;
            } else if (!folio.isLarge() || entry.isPmd()) {
                copy.add(page, pages, entry);
                merged[0] += folio.has(Folio.KSM) ? pages : 0;
                avoidable[0] += !entry.isPmd() && isOnlyHere(folio, from) ? pages : 0;
            } else {
                copy.add(page, 1, entry);
                avoidable[0] += isOnlyHere(folio, from) ? 1 : 0;
                stop[0] = true;
            }
        });
        if (avoidable[0] > 0) {
            turn.emit(new AvoidableCopies(avoidable[0]));
        }
        if (merged[0] > 0) {
            turn.emit(new MergedPagesCopied(merged[0]));
        }
        PageRuns copies = copy.build();
        return new WriteResolved(reuse.build(), copies, copies.isEmpty() ? ContentRuns.NONE : Contents.of(node, copies));
    }

    /** Nobody else has this page, though the folio cannot tell. */
    private static boolean isOnlyHere(Folio folio, int page) {
        return folio.isAnon() && folio.pageMapcount(page) == 1 && folio.gets() == 0 && folio.pins() == 0;
    }

    /** KSM pages are copied, always. */
    private record MergedPagesCopied(long pages) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.COW_KSM, pages);
        }
    }

    /** Pages are copied that nobody else has: the exact answer beside the kernel's. */
    private record AvoidableCopies(long pages) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.COW_AVOIDABLE, pages);
        }
    }

    /** Folios that could be reused were they not in the swap cache: their frames and slots. */
    private static FrameRuns[] cached(NumaNode node, ResolveWrite request, Turn turn) {
        if (!isAsIs(node, request.runs())) {
            return NONE;
        }
        FrameRuns.Builder frames = new FrameRuns.Builder();
        FrameRuns.Builder slots = new FrameRuns.Builder();
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            if (folio.has(Folio.SWAPCACHE) && !folio.has(Folio.WRITEBACK) && isReusable(node, folio, entry, from, folio.references() - folio.pages(), turn)) {
                frames.add(head, count << folio.order());
                slots.add(head + folio.swapDelta(), count << folio.order());
            }
        });
        FrameRuns found = frames.build();
        return found.isEmpty() ? NONE : new FrameRuns[] {found, slots.build()};
    }

    private static boolean isAsIs(NumaNode node, PageRuns runs) {
        boolean[] same = {true};
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i);
            long frame = entry.frame(runs.start(i));
            node.folios.forEachWithGaps(frame, frame + runs.count(i), (start, count, folio) ->
                    same[0] &= folio != null && folio.order() == entry.order());
        }
        return same[0];
    }

    private static boolean isReusable(NumaNode node, Folio folio, Pte entry, int page, long references, Turn turn) {
        if (!folio.isAnon() || folio.has(Folio.KSM)) {
            return false;
        }
        if (!folio.isLarge() || entry.isPmd()) {
            return references == 1;
        }
        long extra = references - folio.mapcount();
        if (extra == 0 && folio.mapcount() > 1 && node.rules.asksForReuse()) {
            SharedUser.COW.isShared(node, folio, 1, turn);
        }
        return node.rules.mayReuseLarge(folio, page, extra);
    }
}
