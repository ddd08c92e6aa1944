package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.Result;

/**
 * {@code try_to_unmap_one()} of lazyfree folios (R6.15). Huge entries are split first; the entries of a large folio are
 * dropped or kept together.
 *
 * <p>The node has the last word on what else refers to the folio. Until it has spoken, migration entries hold the place,
 * as the page-table lock does in the kernel.
 */
final class LazyfreeDiscard {
    private LazyfreeDiscard() {}

    static Result discard(Vma vma, RmapWalk walk, boolean held, Turn turn) {
        Result refused = turn.step(() -> {
            if (RmapEntries.isLocked(vma)) {
                return RmapEntries.keepLocked(vma, walk, RmapEntries.find(vma, walk, Pte.State.PRESENT), turn);
            }
            PageRuns found = turn.context().settings().lazyfreePmdSplit() ? RmapEntries.findSplit(vma, walk, turn)
                    : RmapEntries.find(vma, walk, Pte.State.PRESENT);
            return held || found.isEmpty() ? new Result(!found.isEmpty(), 0, false) : null;
        });
        if (refused != null) {
            return refused;
        }
        PageRuns clean = turn.step(() -> take(vma, walk, turn));
        if (clean.isEmpty()) {
            return new Result(walk.order() > 0, 0, false);
        }
        PageRuns kept = turn.ask(RmapEntries.node(walk), new FolioCommand.ConfirmDiscard(vma.mm(), clean)).runs();
        turn.run(() -> {
            settle(vma, walk, kept, turn);
            turn.wake(new Touching.MigrationWait());
        });
        return new Result(!kept.isEmpty() && walk.order() > 0, 0, false);
    }

    /** Takes clean entries away for now; replies what they were. Folios with a dirty entry stay. Within a step. */
    private static PageRuns take(Vma vma, RmapWalk walk, Turn turn) {
        PageRuns found = RmapEntries.find(vma, walk, Pte.State.PRESENT);
        PageRuns.Builder clean = PageRuns.builder();
        PageRuns.Builder dirty = PageRuns.builder();
        for (int i = 0; i < found.size(); i++) {
            boolean keep = found.entry(i).has(Pte.DIRTY);
            if (walk.order() > 0) {
                keep = hasDirty(found);
            }
            (keep ? dirty : clean).add(found.start(i), found.count(i), found.entry(i));
        }
        if (!dirty.isEmpty()) {
            turn.send(RmapEntries.node(walk), new FolioCommand.KeepLazyfree(dirty.build()));
        }
        PageRuns taken = clean.build();
        for (int i = 0; i < taken.size(); i++) {
            Pte entry = taken.entry(i);
            turn.emit(new VmaEvents.EntrySet(taken.start(i), taken.count(i),
                    new Pte(Pte.State.MIGRATION, entry.delta(), entry.order(), entry.flags())));
        }
        return taken;
    }

    private static boolean hasDirty(PageRuns found) {
        for (int i = 0; i < found.size(); i++) {
            if (found.entry(i).has(Pte.DIRTY)) {
                return true;
            }
        }
        return false;
    }

    /** Puts back what has to stay, drops the rest. Within a step. */
    private static void settle(Vma vma, RmapWalk walk, PageRuns kept, Turn turn) {
        for (int i = 0; i < kept.size(); i++) {
            PageRuns.Builder back = PageRuns.builder();
            Pte was = kept.entry(i);
            vma.pages.forEach(kept.start(i), kept.end(i), (start, count, entry) -> {
                if (entry.state() == Pte.State.MIGRATION && entry.delta() == was.delta()) {
                    back.add(start, count, was);
                }
            });
            turn.emit(new VmaEvents.EntriesSet(back.build()));
        }
        PageRuns left = RmapEntries.find(vma, walk, Pte.State.MIGRATION);
        for (int i = 0; i < left.size(); i++) {
            turn.emit(new VmaEvents.EntriesCleared(left.start(i), left.count(i)));
        }
    }
}
