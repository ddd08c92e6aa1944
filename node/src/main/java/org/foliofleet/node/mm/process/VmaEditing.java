package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaInfo;

/** Splitting, merging, adding and changing VMAs, in the process's tree and at the VMAs themselves. Under {@code mmap_lock}, exclusive. */
final class VmaEditing {
    private VmaEditing() {}

    /** Cuts the VMA that reaches across the page: {@code __split_vma()} (R7.13). */
    static void splitAt(Process process, long page, Turn turn) {
        VmaInfo whole = turn.step(() -> {
            VmaInfo found = process.vmas.find(page);
            return found == null || found.start() == page ? null : found;
        });
        if (whole == null) {
            return;
        }
        turn.lock(Process.STRUCTURE_LOCK, true);
        VmaInfo left = whole.withRange(whole.id(), whole.start(), page);
        VmaInfo right = turn.step(() -> {
            VmaInfo cut = whole.withRange(process.newVmaId(0), page, whole.end());
            turn.emit(new ProcessEvents.VmaChanged(whole, left));
            turn.emit(new ProcessEvents.VmaAdded(cut));
            return cut;
        });
        turn.ask(whole.id(), new VmaCommand.SplitOff(page, left, right));
        turn.unlock(Process.STRUCTURE_LOCK);
    }

    /** The VMAs that lie wholly inside the range. */
    static List<VmaInfo> inside(Process process, PageRange range) {
        List<VmaInfo> inside = new ArrayList<>();
        process.vmas.forEach(range.start(), range.end(), vma -> {
            if (vma.start() >= range.start() && vma.end() <= range.end()) {
                inside.add(vma);
            }
        });
        return inside;
    }

    /** Adds a VMA in free space. */
    static void add(Process process, VmaInfo info, Turn turn) {
        turn.run(() -> turn.emit(new ProcessEvents.VmaAdded(info)));
        turn.ask(info.id(), new VmaCommand.SetVma(info, PageRuns.NONE));
    }
}
