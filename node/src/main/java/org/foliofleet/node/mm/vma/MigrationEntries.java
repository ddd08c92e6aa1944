package org.foliofleet.node.mm.vma;

import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk.Result;
import org.foliofleet.protocol.message.RmapWalk;

/** {@code try_to_migrate_one()} and {@code remove_migration_pte()} (R6.16, R6.17). */
final class MigrationEntries {
    private MigrationEntries() {}

    /**
     * Present entries become migration entries. Before a split, huge ones become a table of them. An exclusive entry of a
     * pinned page stays, and the folio has its dirty bit. Within a step.
     *
     * @return stopped: so do the entries after it, which are of the same folio
     */
    static Result set(Vma vma, RmapWalk walk, RmapWalk.ToMigration away, Turn turn) {
        PageRuns present = RmapEntries.find(vma, walk, Pte.State.PRESENT);
        PageRuns.Builder taken = PageRuns.builder();
        PageRuns.Builder entries = PageRuns.builder();
        PageRuns.Builder refused = PageRuns.builder();
        boolean stopped = false;
        for (int i = 0; i < present.size() && !stopped; i++) {
            Pte entry = present.entry(i);
            boolean stays = away.pinned() && entry.isAnon() && entry.has(Pte.EXCLUSIVE);
            stopped = stays && walk.order() > 0;
            if (stays && entry.has(Pte.DIRTY)) {
                refused.add(present.start(i), stopped && !entry.isPmd() ? 1 : present.count(i), entry);
            } else if (!stays) {
                int lost = away.whole() ? Pte.NUMA_HINT : Pte.NUMA_HINT | Pte.PMD;
                taken.add(present.start(i), present.count(i), entry);
                entries.add(present.start(i), present.count(i), new Pte(Pte.State.MIGRATION, entry.delta(), entry.order(), entry.flags() & ~lost));
            }
        }
        if (!refused.isEmpty()) {
            turn.send(RmapEntries.node(walk), new NumaNodeCommand.MarkDirty(refused.build()));
        }
        PageRuns found = taken.build();
        if (!found.isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(entries.build()));
            turn.send(RmapEntries.node(walk), new FolioCommand.Unmapped(vma.mm(), found, RmapEntries.isLocked(vma), !away.whole()));
        }
        return new Result(stopped, 0, false);
    }

    /** Migration entries map their pages again, as pages of the folios that they belong to now. Within a step. */
    static void remove(Vma vma, RmapWalk walk, RmapWalk.FromMigration back, Turn turn) {
        PageRuns found = RmapEntries.find(vma, walk, Pte.State.MIGRATION);
        boolean zeroable = !RmapEntries.isLocked(vma);
        PageRuns.Builder all = PageRuns.builder();
        TreeMap<Integer, PageRuns.Builder> mapped = new TreeMap<>();
        for (int i = 0; i < found.size(); i++) {
            Pte entry = found.entry(i);
            for (long page = found.start(i); page < found.end(i);) {
                RmapWalk.Piece piece = piece(back, entry.frame(page));
                long end = Math.min(found.end(i), page + piece.frame() + piece.pages() - entry.frame(page));
                while (page < end) {
                    long zeros = zeroable ? inRun(back.zero(), entry.frame(page)) : -1;
                    long until = zeroable ? Math.min(end, page + Math.abs(zeros)) : end;
                    if (zeros > 0) {
                        all.add(page, until - page, Pte.ZERO_PAGE.with(entry.flags() & Pte.UFFD_WP));
                    } else {
                        until = Math.min(until, page + sameMove(back, entry.frame(page)));
                        Pte present = present(entry, page, until, piece, moved(back, entry.frame(page)));
                        all.add(page, until - page, present);
                        mapped.computeIfAbsent(Frame.node(present.frame(page)), node -> PageRuns.builder()).add(page, until - page, present);
                    }
                    page = until;
                }
            }
        }
        if (!found.isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(all.build()));
        }
        mapped.forEach((node, runs) ->
                turn.send(new NumaNodeId(node), new FolioCommand.Remapped(vma.mm(), runs.build(), RmapEntries.isLocked(vma))));
        turn.wake(new Touching.MigrationWait());
    }

    /** The entry of pages of the folio, the first of which is in that frame now; huge if it was and maps whole blocks. */
    private static Pte present(Pte entry, long page, long until, RmapWalk.Piece piece, long frame) {
        boolean huge = entry.has(Pte.PMD) && piece.order() == PageOrder.PMD && PageOrder.isAligned(page, PageOrder.PMD)
                && PageOrder.isAligned(until, PageOrder.PMD);
        return new Pte(Pte.State.PRESENT, frame - page, piece.order(), huge ? entry.flags() : entry.flags() & ~Pte.PMD);
    }

    private static long moved(RmapWalk.FromMigration back, long frame) {
        for (RmapWalk.Move move : back.moves()) {
            if (frame >= move.from() && frame < move.from() + move.pages()) {
                return frame - move.from() + move.to();
            }
        }
        return frame;
    }

    /** Frames from {@code frame} on that moved together, or stayed. */
    private static long sameMove(RmapWalk.FromMigration back, long frame) {
        long next = Long.MAX_VALUE / 4;
        for (RmapWalk.Move move : back.moves()) {
            if (frame >= move.from() && frame < move.from() + move.pages()) {
                return move.from() + move.pages() - frame;
            }
            if (move.from() > frame) {
                next = Math.min(next, move.from() - frame);
            }
        }
        return next;
    }

    private static RmapWalk.Piece piece(RmapWalk.FromMigration back, long frame) {
        for (RmapWalk.Piece piece : back.pieces()) {
            if (frame >= piece.frame() && frame < piece.frame() + piece.pages()) {
                return piece;
            }
        }
        throw new IllegalStateException("frame " + frame + " is in none of " + back.pieces());
    }

    /** Frames from {@code frame} to the end of its run, or negative: to the next run. */
    private static long inRun(FrameRuns runs, long frame) {
        long next = Long.MAX_VALUE / 4;
        for (int i = 0; i < runs.size(); i++) {
            if (frame >= runs.start(i) && frame < runs.start(i) + runs.count(i)) {
                return runs.start(i) + runs.count(i) - frame;
            }
            if (runs.start(i) > frame) {
                next = Math.min(next, runs.start(i) - frame);
            }
        }
        return -next;
    }
}
