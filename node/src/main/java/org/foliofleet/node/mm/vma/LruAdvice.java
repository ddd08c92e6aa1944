package org.foliofleet.node.mm.vma;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.AdviseLru;
import org.foliofleet.protocol.program.Advice;

/**
 * {@code madvise_free_pte_range()} and {@code madvise_cold_or_pageout_pte_range()}, mm/madvise.c (R7.5, R7.6): page table
 * by page table. Folios that the range covers in part are split first; the advice then goes to whole folios only.
 */
final class LruAdvice {
    /** Page tables after which the flight goes on with an empty log. */
    private static final int BLOCKS_PER_FLIGHT = 8;

    /**
     * What comes next in a page table.
     *
     * @param next    where the walk goes on afterwards
     * @param whole   entries of folios that are covered whole, all of one node
     * @param partial a page of a folio that is covered in part, or -1
     * @param entry   its entry
     */
    private record Item(long next, PageRuns whole, long partial, Pte entry) {}

    private LruAdvice() {}

    static Void advise(Vma vma, AdviseLru request, Turn turn) {
        long end = request.range().end();
        long page = request.range().start();
        for (int blocks = 0;; blocks++) {
            long from = page;
            long at = turn.step(() -> Math.min(end, Math.max(from, vma.pages.nextKey(from))));
            if (at >= end) {
                return null;
            }
            if (blocks == BLOCKS_PER_FLIGHT) {
                return turn.continueAs(new AdviseLru(PageRange.between(at, end), request.advice()));
            }
            page = Math.min(end, PageOrder.alignDown(at, PageOrder.PMD) + PageOrder.PMD_PAGES);
            table(vma, at, page, request.advice(), turn);
        }
    }

    /** One page table's part of the range. */
    private static void table(Vma vma, long from, long end, Advice advice, Turn turn) {
        PageRuns pageout = PageRuns.NONE;
        for (long at = from; at < end;) {
            long here = at;
            Item item = turn.step(() -> next(vma, here, end, advice, turn));
            if (!item.whole().isEmpty()) {
                if (advice == Advice.PAGEOUT && isOneNode(pageout, item.whole())) {
                    pageout = join(pageout, item.whole());
                } else {
                    apply(vma, item.whole(), advice, turn);
                }
            }
            at = item.next();
            if (item.partial() >= 0) {
                at = split(vma, item, advice, end, turn);
            }
        }
        PageRuns gathered = pageout;
        PageRuns still = gathered.isEmpty() ? gathered : turn.step(() -> unchanged(vma, gathered));
        if (!still.isEmpty()) {
            turn.ask(nodeOf(still), new FolioCommand.Pageout(still));
        }
    }

    /** Those of the entries that stand as they did before other folios of the page table were split. Within a step. */
    private static PageRuns unchanged(Vma vma, PageRuns runs) {
        PageRuns.Builder same = PageRuns.builder();
        for (int i = 0; i < runs.size(); i++) {
            Pte was = runs.entry(i);
            vma.pages.forEach(runs.start(i), runs.end(i), (start, count, entry) -> {
                if (entry.isPresent() && entry.delta() == was.delta() && entry.order() == was.order() && entry.isPmd() == was.isPmd()) {
                    same.add(start, count, entry);
                }
            });
        }
        return same.build();
    }

    /** Splits a folio that is covered in part; says where to go on. */
    private static long split(Vma vma, Item item, Advice advice, long end, Turn turn) {
        Pte entry = item.entry();
        boolean waits = entry.isPmd() && advice != Advice.FREE;
        SplitOutcome outcome = turn.ask(new NumaNodeId(Frame.node(entry.frame(item.partial()))), new FolioCommand.SplitFolio(
                entry.head(item.partial()), entry.order(), 0, -1, waits, Unless.SHARED));
        if (outcome == SplitOutcome.SPLIT || outcome == SplitOutcome.GONE) {
            return item.partial();
        }
        if (!entry.isPmd()) {
            return item.next();
        }
        boolean stillHuge = turn.step(() -> {
            Pte now = vma.pages.get(item.partial());
            return now != null && now.isPmd();
        });
        return stillHuge || advice != Advice.FREE ? end : item.partial();
    }

    private static void apply(Vma vma, PageRuns runs, Advice advice, Turn turn) {
        switch (advice) {
            case FREE -> {
                PageRuns freed = turn.ask(nodeOf(runs), new FolioCommand.MarkLazyfree(runs));
                turn.run(() -> clear(vma, freed, Pte.YOUNG | Pte.DIRTY, turn));
            }
            case COLD -> {
                PageRuns cold = turn.ask(nodeOf(runs), new FolioCommand.Deactivate(runs));
                turn.run(() -> clear(vma, cold, Pte.YOUNG, turn));
            }
            default -> turn.ask(nodeOf(runs), new FolioCommand.Pageout(runs));
        }
    }

    /** Clears flags where the entries still name the same pages. Within a step. */
    private static void clear(Vma vma, PageRuns runs, int flags, Turn turn) {
        PageRuns.Builder same = PageRuns.builder();
        for (int i = 0; i < runs.size(); i++) {
            Pte was = runs.entry(i);
            vma.pages.forEach(runs.start(i), runs.end(i), (start, count, entry) -> {
                if (entry.isPresent() && entry.delta() == was.delta() && entry.has(flags)) {
                    same.add(start, count, entry);
                }
            });
        }
        Charges.advise(runs, turn);
        PageRuns changed = same.build();
        for (int i = 0; i < changed.size(); i++) {
            turn.emit(new VmaEvents.FlagsChanged(changed.start(i), changed.end(i), 0, flags));
        }
    }

    // -- the walk through a page table ---------------------------------------------------------------------------

    /** What comes at {@code from} and after it. Within a step. */
    private static Item next(Vma vma, long from, long end, Advice advice, Turn turn) {
        PageRuns.Builder whole = PageRuns.builder();
        PageRuns.Builder swapped = PageRuns.builder();
        PageRuns.Builder poisoned = PageRuns.builder();
        int node = -1;
        long partial = -1;
        Pte partialEntry = null;
        long page = from;
        while (page < end) {
            Pte entry = vma.pages.get(page);
            if (entry == null) {
                page = Math.min(end, vma.pages.nextKey(page));
                continue;
            }
            long until = Math.min(end, vma.pages.runEnd(page));
            if (!entry.isPresent()) {
                if (advice == Advice.FREE && entry.state() == Pte.State.SWAP) {
                    swapped.add(page, until - page, entry);
                } else if (advice == Advice.FREE && entry.state() == Pte.State.POISON) {
                    poisoned.add(page, until - page, entry);
                }
                page = until;
                continue;
            }
            if (entry.has(Pte.SPECIAL)) {
                page = until;
                continue;
            }
            int itsNode = Frame.node(entry.frame(page));
            if (node >= 0 && itsNode != node) {
                break;
            }
            if (entry.order() > 0) {
                until = batchEnd(vma, page, end, entry);
                boolean covered = entry.frame(page) == entry.head(page) && until - page == PageOrder.pages(entry.order());
                if (!covered) {
                    partial = page;
                    partialEntry = entry;
                    page = until;
                    break;
                }
            }
            node = itsNode;
            vma.pages.forEach(page, until, whole::add);
            page = until;
        }
        drop(poisoned.build(), turn);
        PageRuns gone = swapped.build();
        drop(gone, turn);
        if (!gone.isEmpty()) {
            SwapEntries.free(gone, turn);
        }
        return new Item(page, whole.build(), partial, partialEntry);
    }

    private static void drop(PageRuns runs, Turn turn) {
        for (int i = 0; i < runs.size(); i++) {
            turn.emit(new VmaEvents.EntriesCleared(runs.start(i), runs.count(i)));
        }
    }

    /** {@code madvise_folio_pte_batch()}: where the entries end that map the folio on and on. */
    private static long batchEnd(Vma vma, long page, long end, Pte entry) {
        long folioEnd = Math.min(end, page + PageOrder.pages(entry.order()) - (entry.frame(page) - entry.head(page)));
        long until = Math.min(folioEnd, vma.pages.runEnd(page));
        while (until < folioEnd) {
            Pte next = vma.pages.get(until);
            if (next == null || !next.isPresent() || next.delta() != entry.delta()
                    || ((next.flags() ^ entry.flags()) & (Pte.UFFD_WP | Pte.NUMA_HINT | Pte.PMD)) != 0) {
                break;
            }
            until = Math.min(folioEnd, vma.pages.runEnd(until));
        }
        return until;
    }

    private static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }

    private static boolean isOneNode(PageRuns some, PageRuns others) {
        return some.isEmpty() || nodeOf(some).equals(nodeOf(others));
    }

    private static PageRuns join(PageRuns first, PageRuns second) {
        PageRuns.Builder all = PageRuns.builder();
        for (PageRuns runs : List.of(first, second)) {
            for (int i = 0; i < runs.size(); i++) {
                all.add(runs.start(i), runs.count(i), runs.entry(i));
            }
        }
        return all.build();
    }
}
