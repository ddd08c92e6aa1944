package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaCommand.GetError;
import org.foliofleet.protocol.message.VmaCommand.GotPages;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code get_user_pages()} over the VMAs of a range, mm/gup.c (R5.1, R5.6), and what the kernel writes through it. */
final class UserAccess {
    /**
     * How pages are got.
     *
     * @param write   FOLL_WRITE
     * @param force   FOLL_FORCE
     * @param content what is stored into them, or null
     */
    record Mode(boolean write, boolean force, Hold hold, ContentTag content) {}

    /**
     * @param next  first page that was not got; the range's end if {@code error} is null
     * @param error why not, or null
     * @param hole  no VMA is there
     * @param pages through which entries references were taken
     */
    record Got(long start, long next, GetError error, boolean hole, PageRuns pages) {}

    private UserAccess() {}

    /** Under {@code mmap_lock}. */
    static Got get(Process process, PageRange range, Mode mode, Turn turn) {
        long page = range.start();
        TaskContext task = turn.step(() -> process.task);
        PageRuns held = PageRuns.NONE;
        boolean fast = mode.hold() != Hold.NONE;
        while (page < range.end()) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.find(at));
            if (vma == null) {
                return new Got(range.start(), page, GetError.FAULT, true, held);
            }
            PageRange part = PageRange.between(page, Math.min(range.end(), vma.end()));
            GotPages got = turn.ask(vma.id(), new VmaCommand.GetPages(part, mode.write(), mode.force(), mode.hold(), fast, task, mode.content(),
                    PageRuns.NONE));
            held = held.followedBy(got.held());
            page = got.next();
            fast = got.fast();
            if (got.error() != null) {
                return new Got(range.start(), page, got.error(), false, held);
            }
        }
        return new Got(range.start(), page, null, false, held);
    }

    /**
     * {@code mem_rw()}, fs/proc/base.c, and {@code access_remote_vm()}, which lets stacks grow: EIO where GUP fails; the pages
     * before were written (R4.10). Who was killed for its memory meanwhile does not come back from the call.
     */
    static CallResult memWrite(Process process, MemoryCall.MemWrite write, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        Mode mode = new Mode(true, true, Hold.NONE, write.content());
        Got got = get(process, write.range(), mode, turn);
        while (got.hole() && StackGrowth.grow(process, got.next(), turn) != null) {
            got = get(process, PageRange.between(got.next(), write.range().end()), mode, turn);
        }
        if (got.error() == null) {
            return CallResult.OK;
        }
        return turn.step(() -> process.killed) ? CallResult.KILLED : new CallResult.Failed(Errno.EIO);
    }
}
