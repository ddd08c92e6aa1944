package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;

/** {@code try_to_migrate_one()} and {@code remove_migration_pte()} (R6.16, R6.17). */
final class MigrationEntries {
    private MigrationEntries() {}

    /** Present entries become migration entries; huge ones a table of them. Within a step. */
    static void set(Vma vma, RmapWalk walk, Turn turn) {
        PageRuns found = RmapEntries.find(vma, walk, Pte.State.PRESENT);
        if (found.isEmpty()) {
            return;
        }
        PageRuns.Builder entries = PageRuns.builder();
        for (int i = 0; i < found.size(); i++) {
            Pte entry = found.entry(i);
            entries.add(found.start(i), found.count(i), new Pte(Pte.State.MIGRATION, entry.delta(), entry.order(), entry.flags() & ~Pte.PMD));
        }
        turn.emit(new VmaEvents.EntriesSet(entries.build()));
        turn.send(RmapEntries.node(walk), new FolioCommand.Unmapped(vma.mm(), found, RmapEntries.isLocked(vma)));
    }

    /** Migration entries map their pages again, as pages of the folios that they belong to now. Within a step. */
    static void remove(Vma vma, RmapWalk walk, RmapWalk.FromMigration back, Turn turn) {
        PageRuns found = RmapEntries.find(vma, walk, Pte.State.MIGRATION);
        boolean zeroable = !RmapEntries.isLocked(vma);
        PageRuns.Builder all = PageRuns.builder();
        PageRuns.Builder mapped = PageRuns.builder();
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
                        Pte present = new Pte(Pte.State.PRESENT, entry.delta(), piece.order(), entry.flags());
                        all.add(page, until - page, present);
                        mapped.add(page, until - page, present);
                    }
                    page = until;
                }
            }
        }
        if (!found.isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(all.build()));
        }
        if (!mapped.isEmpty()) {
            turn.send(RmapEntries.node(walk), new FolioCommand.Remapped(vma.mm(), mapped.build(), RmapEntries.isLocked(vma)));
        }
        turn.wake(new Touching.MigrationWait());
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
