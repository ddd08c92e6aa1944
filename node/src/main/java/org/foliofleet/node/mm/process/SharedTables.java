package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * Page tables of blocks of 2 MiB that several VMAs share. Each VMA knows of those that it filled or was told of; of all
 * that share a block with a page table, at least one knows.
 */
final class SharedTables {
    private SharedTables() {}

    /** Tells a VMA of the page tables at the ends of a range that only others know of. Under {@code mmap_lock}, exclusive. */
    static void tell(Process process, VmaInfo vma, PageRange range, Turn turn) {
        List<Long> blocks = new ArrayList<>(new TreeSet<>(List.of(range.start() >> PageOrder.PMD, (range.end() - 1) >> PageOrder.PMD)));
        for (long block : blocks) {
            List<OwnerId> others = turn.step(() -> sharing(process, vma, block));
            List<Command<Boolean>> questions = new ArrayList<>();
            for (int i = 0; i < others.size(); i++) {
                questions.add(new VmaCommand.HasTable(block));
            }
            if (turn.askAll(others, questions).contains(true)) {
                turn.ask(vma.id(), new VmaCommand.KeepTables(FrameRuns.of(block, 1)));
            }
        }
    }

    private static List<OwnerId> sharing(Process process, VmaInfo vma, long block) {
        List<OwnerId> others = new ArrayList<>();
        process.vmas.forEach(block << PageOrder.PMD, (block + 1) << PageOrder.PMD, other -> {
            if (!other.id().equals(vma.id())) {
                others.add(other.id());
            }
        });
        return others;
    }
}
