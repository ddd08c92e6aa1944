package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.Result;
import org.foliofleet.protocol.policy.UnmapPolicies;
import org.foliofleet.protocol.policy.UnmapPolicies.LazyfreePmd;
import org.foliofleet.protocol.policy.UnmapPolicies.LazyfreeRefCheck;
import org.foliofleet.protocol.policy.UnmapPolicies.MlockVsLazyfreeOrder;

/**
 * {@code try_to_unmap_one()} of lazyfree folios (R6.15). Huge entries are split first, unless the switch lazyfree_pmd says
 * otherwise; the entries of a large folio are dropped or kept together.
 *
 * <p>The node has the last word on what else refers to the folio. Until it has spoken, migration entries hold the place,
 * as the page-table lock does in the kernel.
 */
final class LazyfreeDiscard {
    private LazyfreeDiscard() {}

    static Result discard(Vma vma, RmapWalk walk, boolean held, Turn turn) {
        UnmapPolicies policies = turn.context().settings().policies().unmap();
        boolean refusable = held && policies.lazyfreeRefCheck() == LazyfreeRefCheck.STRICT;
        Result refused = turn.step(() -> {
            RmapEntries.splitBeforeWalk(vma, walk, turn);
            if (RmapEntries.isLocked(vma) && policies.mlockVsLazyfreeOrder() == MlockVsLazyfreeOrder.MLOCK_TEST_FIRST) {
                return RmapEntries.keepLocked(vma, walk, RmapEntries.find(vma, walk, Pte.State.PRESENT), turn);
            }
            PageRuns found = policies.lazyfreePmd() == LazyfreePmd.SPLIT_THEN_PTES ? RmapEntries.findSplit(vma, walk, turn)
                    : RmapEntries.find(vma, walk, Pte.State.PRESENT);
            return found.isEmpty() ? Result.NOTHING : refusable ? keep(vma, walk, turn) : null;
        });
        if (refused != null) {
            return refused;
        }
        PageRuns clean = turn.step(() -> take(vma, walk, turn));
        if (clean.isEmpty()) {
            return turn.step(() -> walk.order() > 0 ? keep(vma, walk, turn) : Result.NOTHING);
        }
        PageRuns kept = turn.ask(RmapEntries.node(walk), new FolioCommand.ConfirmDiscard(vma.mm(), clean, RmapEntries.isLocked(vma))).runs();
        return turn.step(() -> {
            settle(vma, walk, kept, turn);
            turn.wake(new Touching.MigrationWait());
            return !kept.isEmpty() && walk.order() > 0 ? keep(vma, walk, turn) : Result.NOTHING;
        });
    }

    /** A large folio that may not be dropped: it stays, mapped by PTEs if the switch lazyfree_pmd says so. Within a step. */
    private static Result keep(Vma vma, RmapWalk walk, Turn turn) {
        PageRuns found = turn.context().settings().policies().unmap().lazyfreePmd() == LazyfreePmd.DISCARD_ELSE_SPLIT
                ? RmapEntries.findSplit(vma, walk, turn) : RmapEntries.find(vma, walk, Pte.State.PRESENT);
        return RmapEntries.isLocked(vma) ? RmapEntries.keepLocked(vma, walk, found, turn) : new Result(true, 0, false);
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
