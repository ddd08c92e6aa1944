package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.VmaCommand.Adopt;
import org.foliofleet.protocol.message.VmaCommand.HandOver;
import org.foliofleet.protocol.message.VmaCommand.HasTable;
import org.foliofleet.protocol.message.VmaCommand.KeepTables;
import org.foliofleet.protocol.message.VmaCommand.Remove;
import org.foliofleet.protocol.message.VmaCommand.SetVma;
import org.foliofleet.protocol.message.VmaInfo;

/** How a VMA begins, changes its shape and ends; its process decides that ({@code __split_vma()}, {@code vma_merge()}, mm/vma.c). */
final class VmaShape {
    private VmaShape() {}

    static Void set(Vma vma, SetVma set, Turn turn) {
        turn.emit(new VmaEvents.InfoChanged(set.info()));
        if (!set.pages().isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(set.pages()));
        }
        turn.wake(new Zapping.BirthWait());
        return null;
    }

    /** Parts of the VMA become parts of others; PMD entries across the cuts are split first ({@code vma_adjust_trans_huge()}). */
    static Void handOver(Vma vma, HandOver order, Turn turn) {
        for (PageRange part : order.parts()) {
            PmdSplit.atEdges(vma, part.start(), part.end(), turn);
        }
        turn.run(() -> {
            List<Long> cut = new ArrayList<>();
            for (int i = 0; i < order.parts().size(); i++) {
                PageRange part = order.parts().get(i);
                VmaInfo receiver = order.receivers().get(i);
                turn.send(receiver.id(), new Adopt(receiver, vma.entries(part.start(), part.end()), tables(vma, part)));
                addCutTable(vma, part.start(), cut);
                addCutTable(vma, part.end(), cut);
            }
            for (PageRange part : order.parts()) {
                turn.emit(new EntriesMovedAway(part.start(), part.end()));
            }
            if (order.rest() == null) {
                turn.emit(new VmaEvents.Gone());
                return;
            }
            turn.emit(new VmaEvents.InfoChanged(order.rest()));
            for (long block : cut) {
                addTable(vma, block, turn);
            }
        });
        return null;
    }

    /** Blocks of a part that have page tables, except those that its entries tell of. */
    private static FrameRuns tables(Vma vma, PageRange part) {
        FrameRuns.Builder tables = new FrameRuns.Builder();
        long first = part.start() >> PageOrder.PMD;
        long last = (part.end() - 1) >> PageOrder.PMD;
        if (vma.hasTable(part.start())) {
            tables.add(first, 1);
        }
        if (vma.emptyTables != null && last > first + 1) {
            vma.emptyTables.forEach(first + 1, last, tables::add);
        }
        if (last > first && vma.hasTable(part.end() - 1)) {
            tables.add(last, 1);
        }
        return tables.build();
    }

    /** Remembers the block that the cut goes through, if it has a page table. */
    private static void addCutTable(Vma vma, long page, List<Long> cut) {
        boolean inside = page > vma.info.start() && page < vma.info.end();
        if (inside && !PageOrder.isAligned(page, PageOrder.PMD) && vma.hasTable(page)) {
            cut.add(page >> PageOrder.PMD);
        }
    }

    private static void addTable(Vma vma, long block, Turn turn) {
        if (!vma.hasTable(block << PageOrder.PMD)) {
            turn.emit(new VmaEvents.TablesChanged(block, 1, true));
        }
    }

    static Void adopt(Vma vma, Adopt adopt, Turn turn) {
        turn.emit(new VmaEvents.InfoChanged(adopt.info()));
        if (!adopt.pages().isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(adopt.pages()));
        }
        addTables(vma, adopt.tables(), turn);
        return null;
    }

    static Void keepTables(Vma vma, KeepTables keep, Turn turn) {
        addTables(vma, keep.tables(), turn);
        return null;
    }

    static Boolean hasTable(Vma vma, HasTable question, Turn turn) {
        return vma.hasTable(question.block() << PageOrder.PMD);
    }

    private static void addTables(Vma vma, FrameRuns tables, Turn turn) {
        for (int i = 0; i < tables.size(); i++) {
            long first = tables.start(i);
            for (long block = first; block < first + tables.count(i); block++) {
                addTable(vma, block, turn);
            }
        }
    }

    /** The VMA ends. Page tables that it shares with others stay, and the heirs learn of them. */
    static Void remove(Vma vma, Remove remove, Turn turn) {
        leaveTable(vma, vma.info.start(), remove.firstHeir(), turn);
        leaveTable(vma, vma.info.end() - 1, remove.lastHeir(), turn);
        turn.emit(new VmaEvents.Gone());
        return null;
    }

    private static void leaveTable(Vma vma, long page, VmaId heir, Turn turn) {
        if (heir != null && vma.hasTable(page)) {
            turn.send(heir, new KeepTables(FrameRuns.of(page >> PageOrder.PMD, 1)));
        }
    }

    /** Entries and tables of a range belong to another VMA now. */
    private record EntriesMovedAway(long start, long end) implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            vma.pages.clear(start, end - start);
            if (vma.emptyTables != null) {
                long firstWhole = PageOrder.alignUp(start, PageOrder.PMD) >> PageOrder.PMD;
                long last = (end + PageOrder.PMD_PAGES - 1) >> PageOrder.PMD;
                if (last > firstWhole) {
                    vma.emptyTables.remove(firstWhole, last - firstWhole);
                }
                if (vma.emptyTables.isEmpty()) {
                    vma.emptyTables = null;
                }
            }
        }
    }
}
