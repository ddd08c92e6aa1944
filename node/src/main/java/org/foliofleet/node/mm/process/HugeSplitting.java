package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code split_huge_pages_pid()}: ends at the first address outside of all VMAs. */
final class HugeSplitting {
    private HugeSplitting() {}

    static CallResult split(Process process, MemoryCall.Split call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        long page = call.range().start();
        while (page < call.range().end()) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.find(at));
            if (vma == null) {
                break;
            }
            page = Math.min(vma.end(), call.range().end());
            if (!vma.has(VmaFlags.SPECIAL)) {
                turn.ask(vma.id(), new VmaCommand.SplitHuge(PageRange.between(at, page), call.order(), call.offset()));
            }
        }
        return CallResult.OK;
    }
}
