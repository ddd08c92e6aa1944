package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.HugeFolio;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code collapse_pte_mapped_thp()}: a page table over a huge folio of the page cache gives way to a PMD entry (R9.11). */
final class CollapseMapping {
    private CollapseMapping() {}

    static Result map(Vma vma, Collapse.MapPmd request, Turn turn) {
        long block = request.block();
        Result state = turn.step(() -> state(vma, block, turn));
        if (state != Result.SUCCEED) {
            return state;
        }
        VmaInfo info = turn.step(() -> vma.info);
        long frame = turn.ask(info.file(), new HugeFolio(info.pageOffsetOf(block)));
        if (frame < 0) {
            return frame == HugeFolio.NO_PAGE ? Result.PAGE_NULL : Result.PAGE_COMPOUND;
        }
        while (true) {
            Result cleared = turn.step(() -> clear(vma, block, frame, turn));
            if (cleared != Result.SUCCEED || !request.install()) {
                return cleared;
            }
            PageRuns entries = turn.ask(info.file(), new Collapse.MapHuge(info, block, frame, true)).runs();
            Result installed = turn.step(() -> install(vma, block, entries, turn));
            if (installed == Result.SUCCEED || entries.isEmpty()) {
                return installed;
            }
            // A fault put entries there: the kernel's waits for the folio lock, here it came before the table was taken away.
        }
    }

    private static Result state(Vma vma, long block, Turn turn) {
        if (isHuge(vma, block)) {
            return Result.PMD_MAPPED;
        }
        if (vma.info.anonVma() != null && !turn.context().settings().policies().collapse().collapseAllowAnonVma()) {
            return Result.VMA_CHECK;
        }
        return vma.info.has(VmaFlags.UFFD_WP) ? Result.PTE_UFFD_WP : Result.SUCCEED;
    }

    static boolean isHuge(Vma vma, long block) {
        Pte first = vma.pages.get(block);
        return first != null && first.isPmd();
    }

    static Boolean isHuge(Vma vma, Collapse.IsHuge request, Turn turn) {
        return isHuge(vma, request.block());
    }

    /** Blocks that are not huge any more, at the moment at which the caller hears that they are. */
    static Void reported(Vma vma, Collapse.Reported report, Turn turn) {
        long stale = 0;
        for (long block = report.start(); block < report.end(); block += PageOrder.PMD_PAGES) {
            stale += isHuge(vma, block) ? 0 : 1;
        }
        if (stale > 0) {
            turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("collapse_stale", -1, stale));
        }
        return null;
    }

    /** Takes the entries and the page table away, if all entries map the pages of the folio. Within a step. */
    private static Result clear(Vma vma, long block, long frame, Turn turn) {
        PageRuns entries = vma.entries(block, block + PageOrder.PMD_PAGES);
        for (int i = 0; i < entries.size(); i++) {
            Pte entry = entries.entry(i);
            if (entry.isPmd()) {
                return Result.PMD_MAPPED;
            }
            if (!entry.isPresent() && entry.state() != Pte.State.ZERO) {
                return Result.PTE_NON_PRESENT;
            }
            if (entry.state() == Pte.State.ZERO || entry.delta() != frame - block || entry.isAnon()) {
                return Result.FAIL;
            }
        }
        if (!entries.isEmpty()) {
            Zapping.release(vma, entries, turn);
            turn.emit(new VmaEvents.EntriesCleared(block, PageOrder.PMD_PAGES));
        }
        if (!vma.isPmdNone(block)) {
            freeTable(block, turn);
        }
        return Result.SUCCEED;
    }

    /** Sets what the file has counted as mapped; gives it back if something else is there by now. Within a step. */
    static Result install(Vma vma, long block, PageRuns entries, Turn turn) {
        if (entries.isEmpty()) {
            return Result.FAIL;
        }
        if (!vma.isPmdNone(block)) {
            Zapping.release(vma, entries, turn);
            return Result.FAIL;
        }
        turn.emit(new VmaEvents.EntriesSet(entries));
        return Result.SUCCEED;
    }

    /** A table that came to have entries in the meantime stays, and so does one that userfaultfd keeps markers in. */
    static Void retract(Vma vma, Collapse.RetractTable request, Turn turn) {
        long block = request.block();
        boolean empty = vma.pages.isClear(block, PageOrder.PMD_PAGES);
        boolean allowed = vma.info.anonVma() == null || turn.context().settings().policies().collapse().retractAllowAnonVma();
        if (empty && !vma.isPmdNone(block) && allowed && !vma.info.has(VmaFlags.UFFD_WP)) {
            freeTable(block, turn);
        }
        return null;
    }

    private static void freeTable(long block, Turn turn) {
        turn.emit(new VmaEvents.TablesChanged(block >> PageOrder.PMD, 1, false));
        turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("collapse_tables_freed", -1, 1));
    }
}
