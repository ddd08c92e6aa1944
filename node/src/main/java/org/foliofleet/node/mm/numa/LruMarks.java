package org.foliofleet.node.mm.numa;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.FolioCommand.Deactivate;
import org.foliofleet.protocol.message.FolioCommand.MarkLazyfree;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code folio_mark_lazyfree()} and {@code folio_deactivate()} for MADV_FREE and MADV_COLD (R7.5, R7.6). */
final class LruMarks {
    private LruMarks() {}

    static PageRuns markLazyfree(NumaNode node, MarkLazyfree request, Turn turn) {
        List<FrameRuns> cached = turn.step(() -> cached(node, request.runs()));
        if (!cached.get(0).isEmpty()) {
            FrameRuns freed = turn.ask(new SwapId(), new SwapCommand.FreeUnused(cached.get(1)));
            SwapCacheFreeing.drop(node, cached.get(0), freed, turn);
        }
        return turn.step(() -> mark(node, request.runs(), turn));
    }

    private static PageRuns mark(NumaNode node, PageRuns runs, Turn turn) {
        PageRuns.Builder accepted = PageRuns.builder();
        PageRuns.Builder dirty = PageRuns.builder();
        PageRuns.Builder lazy = PageRuns.builder();
        PageRuns.Builder again = PageRuns.builder();
        FolioWalk.over(node, present(node, runs), (page, head, folio, from, to, count, entry) -> {
            long pages = FolioWalk.pages(folio, from, to, count);
            boolean locked = folio.isLarge() && node.isLocked(new FolioLock(head));
            if (entry.isPmd()) {
                if (SharedUser.MADVISE.isShared(node, folio, count, turn) || locked) {
                    return;
                }
            } else if (folio.has(Folio.SWAPCACHE | Folio.DIRTY)) {
                if (locked || folio.mapcount() != folio.pages() || folio.has(Folio.SWAPCACHE)) {
                    return;
                }
            }
            accepted.add(page, pages, entry);
            if (folio.has(Folio.DIRTY)) {
                dirty.add(page, pages, entry);
            }
            if (folio.isLazyfree()) {
                again.add(page, pages, entry);
            }
            if (folio.isAnon() && folio.has(Folio.SWAPBACKED) && folio.has(Folio.LRU) && !folio.has(Folio.SWAPCACHE | Folio.UNEVICTABLE)) {
                lazy.add(page, pages, entry);
            }
        });
        turn.emit(new LazyfreeMarked(dirty.build(), lazy.build(), again.build()));
        return accepted.build();
    }

    /** Folios in the swap cache that this process alone maps: their frames and slots. */
    private static List<FrameRuns> cached(NumaNode node, PageRuns runs) {
        FrameRuns.Builder frames = new FrameRuns.Builder();
        FrameRuns.Builder slots = new FrameRuns.Builder();
        FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
            // what is not on a list is being reclaimed, which has it locked
            if (from == 0 && folio.has(Folio.SWAPCACHE) && !folio.has(Folio.WRITEBACK) && folio.has(Folio.LRU) && folio.mapcount() == folio.pages()) {
                frames.add(head, count << folio.order());
                slots.add(head + folio.swapDelta(), count << folio.order());
            }
        });
        return List.of(frames.build(), slots.build());
    }

    /** The runs whose folios are still those that the entries name. */
    private static PageRuns present(NumaNode node, PageRuns runs) {
        PageRuns.Builder same = PageRuns.builder();
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i);
            long frame = entry.frame(runs.start(i));
            long page = runs.start(i);
            node.folios.forEach(frame, frame + runs.count(i), (start, count, folio) -> {
                if (folio.order() == entry.order()) {
                    same.add(page + start - frame, count, entry);
                }
            });
        }
        return same.build();
    }

    static PageRuns deactivate(NumaNode node, Deactivate request, Turn turn) {
        PageRuns.Builder accepted = PageRuns.builder();
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            if (mayMove(node, folio, entry, count, turn)) {
                accepted.add(page, FolioWalk.pages(folio, from, to, count), entry);
            }
        });
        PageRuns cold = accepted.build();
        turn.emit(new Deactivated(cold));
        return cold;
    }

    /** What MADV_COLD and MADV_PAGEOUT leave alone: folios that others map, and those off the LRU. */
    static boolean mayMove(NumaNode node, Folio folio, Pte entry, long folios, Turn turn) {
        return entry.isPmd() ? !SharedUser.MADVISE.isShared(node, folio, folios, turn) : folio.has(Folio.LRU) && folio.mapcount() == folio.pages();
    }

    /** Folios became lazyfree, or were so and may go again whatever was stored to them; {@code dirty} ones are clean now. */
    private record LazyfreeMarked(PageRuns dirty, PageRuns lazy, PageRuns again) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, dirty, (page, head, folio, from, to, count, entry) ->
                    node.folios.set(head, count << folio.order(), folio.without(Folio.DIRTY)));
            for (int i = 0; i < again.size(); i++) {
                LostData.freed(node, again.entry(i).frame(again.start(i)), again.count(i));
            }
            FolioWalk.over(node, lazy, (page, head, folio, from, to, count, entry) -> {
                if (folio.has(Folio.SWAPBACKED)) {
                    node.folios.set(head, count << folio.order(), folio.without(Folio.SWAPBACKED | Folio.ACTIVE | Folio.REFERENCED));
                    node.statistics.add(VmEvent.PGLAZYFREE, count << folio.order());
                    LostData.freed(node, head, count << folio.order());
                }
            });
        }
    }

    private record Deactivated(PageRuns runs) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) ->
                    node.folios.set(head, count << folio.order(), folio.without(Folio.ACTIVE | Folio.REFERENCED)));
        }
    }
}
