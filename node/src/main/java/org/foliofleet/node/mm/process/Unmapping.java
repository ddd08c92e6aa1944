package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code do_vmi_munmap()}, mm/vma.c (R7.1). */
final class Unmapping {
    private Unmapping() {}

    static CallResult munmap(Process process, MemoryCall.Munmap munmap, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        unmap(process, munmap.range(), turn);
        return CallResult.OK;
    }

    /** Clears a range: splits the VMAs at its ends and removes what lies between. Under {@code mmap_lock}, exclusive. */
    static void unmap(Process process, PageRange range, Turn turn) {
        VmaEditing.splitAt(process, range.start(), turn);
        VmaEditing.splitAt(process, range.end(), turn);
        remove(process, turn.step(() -> VmaEditing.inside(process, range)), turn);
    }

    /** Removes whole VMAs with their pages. */
    static void remove(Process process, List<VmaInfo> vmas, Turn turn) {
        List<OwnerId> to = new ArrayList<>();
        List<Command<Void>> zaps = new ArrayList<>();
        List<Command<Void>> removals = new ArrayList<>();
        for (VmaInfo vma : vmas) {
            to.add(vma.id());
            zaps.add(new VmaCommand.Zap(PageRange.between(vma.start(), vma.end()), true));
            removals.add(new VmaCommand.Remove());
        }
        turn.askAll(to, zaps);
        turn.askAll(to, removals);
        turn.run(() -> {
            for (VmaInfo vma : vmas) {
                turn.emit(new ProcessEvents.VmaRemoved(vma));
            }
        });
    }
}
