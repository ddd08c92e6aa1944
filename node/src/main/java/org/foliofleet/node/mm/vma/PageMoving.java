package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.Adopt;
import org.foliofleet.protocol.message.VmaCommand.MovePages;
import org.foliofleet.protocol.message.VmaFlags;

/**
 * {@code move_page_tables()}, {@code move_huge_pmd()} and {@code move_ptes()}, mm/mremap.c (R7.36.3): entries get another
 * address; folios do not notice.
 */
final class PageMoving {
    private PageMoving() {}

    static Void move(Vma vma, MovePages move, Turn turn) {
        long from = move.range().start();
        long to = move.range().end();
        long distance = move.target() - from;
        boolean congruent = PageOrder.isAligned(distance, PageOrder.PMD);
        if (congruent) {
            PmdSplit.atEdges(vma, from, to, turn);
        } else {
            turn.run(() -> splitAll(vma, from, to, turn));
        }
        turn.run(() -> {
            boolean forget = vma.info.has(VmaFlags.UFFD_ANY) && !move.watched();
            PageRuns.Builder moved = PageRuns.builder();
            vma.pages.forEach(from, to, (start, count, entry) -> {
                Pte there = arrived(entry, distance, forget);
                if (there != null) {
                    moved.add(start + distance, count, there);
                }
            });
            PageRuns entries = moved.build();
            Charges.move(entries, turn);
            turn.send(move.receiver().id(), new Adopt(move.receiver(), entries, targetTables(vma, from, to, distance)));
            turn.emit(new VmaEvents.EntriesCleared(from, to - from));
            long firstWhole = PageOrder.alignUp(from, PageOrder.PMD) >> PageOrder.PMD;
            long wholeEnd = to >> PageOrder.PMD;
            if (congruent && !forget && wholeEnd > firstWhole && vma.emptyTables != null) {
                turn.emit(new VmaEvents.TablesChanged(firstWhole, wholeEnd - firstWhole, false));
            }
        });
        return null;
    }

    private static void splitAll(Vma vma, long from, long to, Turn turn) {
        for (long at = vma.pages.nextKey(from); at < to; at = vma.pages.nextKey(Math.min(to, vma.pages.runEnd(at)))) {
            Pte entry = vma.pages.get(at);
            if (entry.isPmd()) {
                long start = PageOrder.alignDown(at, PageOrder.PMD);
                long end = PageOrder.alignUp(Math.min(to, vma.pages.runEnd(at)), PageOrder.PMD);
                PmdSplit.split(vma, start, end - start, entry, false, turn);
                at = start;
            }
        }
    }

    /** The entry at its new address; the userfaultfd that write-protected it does not follow. */
    private static Pte arrived(Pte entry, long distance, boolean forget) {
        if (forget && entry.state() == Pte.State.WP_MARKER) {
            return null;
        }
        Pte there = switch (entry.state()) {
            case PRESENT, SWAP, MIGRATION -> new Pte(entry.state(), entry.delta() - distance, entry.order(), entry.flags());
            default -> entry;
        };
        return forget ? there.without(Pte.UFFD_WP) : there;
    }

    /** Blocks of the target that get a page table because one of the source's in the range has one. */
    private static FrameRuns targetTables(Vma vma, long from, long to, long distance) {
        FrameRuns.Builder tables = new FrameRuns.Builder();
        addTargets(tables, from, from + 1, from, to, distance, vma.hasTable(from));
        vma.pages.forEach(from, to, (start, count, entry) -> addTargets(tables, start, start + count, from, to, distance, !entry.isPmd()));
        if (vma.emptyTables != null) {
            vma.emptyTables.forEach(from >> PageOrder.PMD, ((to - 1) >> PageOrder.PMD) + 1, (block, count) ->
                    addTargets(tables, block << PageOrder.PMD, (block + count) << PageOrder.PMD, from, to, distance, true));
        }
        addTargets(tables, to - 1, to, from, to, distance, vma.hasTable(to - 1));
        return tables.build();
    }

    private static void addTargets(FrameRuns.Builder tables, long start, long end, long from, long to, long distance, boolean table) {
        if (table) {
            long low = Math.max(from, PageOrder.alignDown(start, PageOrder.PMD)) + distance;
            long high = Math.min(to, PageOrder.alignUp(end, PageOrder.PMD)) + distance;
            long first = low >> PageOrder.PMD;
            tables.add(first, ((high - 1) >> PageOrder.PMD) - first + 1);
        }
    }
}
