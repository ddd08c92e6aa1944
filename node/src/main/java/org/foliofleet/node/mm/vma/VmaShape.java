package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.VmaCommand.Adopt;
import org.foliofleet.protocol.message.VmaCommand.MergeInto;
import org.foliofleet.protocol.message.VmaCommand.Remove;
import org.foliofleet.protocol.message.VmaCommand.SetVma;
import org.foliofleet.protocol.message.VmaCommand.SplitOff;

/** How a VMA begins, changes its shape and ends; its process decides that ({@code __split_vma()}, {@code vma_merge()}, mm/vma.c). */
final class VmaShape {
    private VmaShape() {}

    static Void set(Vma vma, SetVma set, Turn turn) {
        turn.emit(new VmaEvents.InfoChanged(set.info()));
        if (!set.pages().isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(set.pages()));
        }
        return null;
    }

    /** The right part of the VMA becomes another; a PMD entry across the cut is split first ({@code vma_adjust_trans_huge()}). */
    static Void splitOff(Vma vma, SplitOff split, Turn turn) {
        PmdSplit.across(vma, split.at(), turn);
        turn.run(() -> {
            PageRuns moved = vma.entries(split.at(), split.right().end());
            boolean table = !PageOrder.isAligned(split.at(), PageOrder.PMD) && vma.hasTable(split.at());
            turn.emit(new EntriesMovedAway(split.at(), split.right().end()));
            turn.emit(new VmaEvents.InfoChanged(split.left()));
            long block = split.at() >> PageOrder.PMD;
            if (table && !vma.hasTable(split.at())) {
                turn.emit(new VmaEvents.TablesChanged(block, 1, true));
            }
            turn.send(split.right().id(), new Adopt(split.right(), moved, table ? block : -1, null));
        });
        return null;
    }

    static Void mergeInto(Vma vma, MergeInto merge, Turn turn) {
        PageRuns moved = vma.entries(vma.info.start(), vma.info.end());
        turn.send(merge.merged().id(), new Adopt(merge.merged(), moved, -1, vma.emptyTables == null ? null : vma.emptyTableRuns()));
        turn.emit(new EntriesMovedAway(vma.info.start(), vma.info.end()));
        turn.emit(new VmaEvents.Gone());
        return null;
    }

    static Void adopt(Vma vma, Adopt adopt, Turn turn) {
        turn.emit(new VmaEvents.InfoChanged(adopt.info()));
        if (!adopt.pages().isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(adopt.pages()));
        }
        if (adopt.emptyTable() >= 0 && !vma.hasTable(adopt.emptyTable() << PageOrder.PMD)) {
            turn.emit(new VmaEvents.TablesChanged(adopt.emptyTable(), 1, true));
        }
        if (adopt.emptyTables() != null) {
            for (int i = 0; i < adopt.emptyTables().size(); i++) {
                long first = adopt.emptyTables().start(i);
                for (long block = first; block < first + adopt.emptyTables().count(i); block++) {
                    if (!vma.hasTable(block << PageOrder.PMD)) {
                        turn.emit(new VmaEvents.TablesChanged(block, 1, true));
                    }
                }
            }
        }
        return null;
    }

    static Void remove(Vma vma, Remove remove, Turn turn) {
        turn.emit(new VmaEvents.Gone());
        return null;
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
