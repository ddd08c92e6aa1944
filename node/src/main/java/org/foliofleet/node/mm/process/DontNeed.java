package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** {@code madvise_dontneed_single_vma()} (R7.4). */
final class DontNeed {
    private DontNeed() {}

    static CallResult advise(Process process, VmaInfo vma, PageRange part, Advice advice, Turn turn) {
        if (isRefused(vma, advice)) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        turn.ask(vma.id(), new VmaCommand.Zap(part, false));
        return CallResult.OK;
    }

    /** {@code madvise_dontneed_free_valid_vma()}: also of MADV_FREE. */
    static boolean isRefused(VmaInfo vma, Advice advice) {
        return vma.has(advice == Advice.DONTNEED_LOCKED ? VmaFlags.PFNMAP : VmaFlags.PFNMAP | VmaFlags.LOCKED);
    }
}
