package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** {@code madvise_free_single_vma()}, {@code madvise_cold()}, {@code madvise_pageout()}: which VMAs are refused (R7.5, R7.6). */
final class LruAdvising {
    private LruAdvising() {}

    static CallResult advise(VmaInfo vma, PageRange part, Advice advice, Turn turn) {
        if (vma.has(VmaFlags.LOCKED | VmaFlags.PFNMAP) || advice == Advice.FREE && !vma.isAnonymous()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        turn.ask(vma.id(), new VmaCommand.AdviseLru(part, advice));
        return CallResult.OK;
    }

    /** {@code madvise_willneed()}: reads what is swapped out of anonymous memory; of files, all that is there is in the cache. */
    static CallResult willNeed(Process process, VmaInfo vma, PageRange part, Turn turn) {
        if (vma.isAnonymous()) {
            turn.ask(vma.id(), new VmaCommand.ReadSwapped(part, turn.step(() -> process.task)));
        }
        return CallResult.OK;
    }
}
