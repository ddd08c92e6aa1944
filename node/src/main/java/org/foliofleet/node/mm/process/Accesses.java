package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaCommand.Access;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaCommand.Touched;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** Loads and stores of user space: {@code do_user_addr_fault()}, arch/x86/mm/fault.c. */
final class Accesses {
    private Accesses() {}

    static CallResult read(Process process, MemoryCall.Read read, Turn turn) {
        return touch(process, read.range(), Access.READ, null, turn);
    }

    static CallResult write(Process process, MemoryCall.Write write, Turn turn) {
        return touch(process, write.range(), Access.WRITE, write.content(), turn);
    }

    private static CallResult touch(Process process, PageRange range, Access access, ContentTag content, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        long page = range.start();
        int cpuNode = turn.step(() -> process.cpuNode);
        while (page < range.end()) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.find(at));
            if (vma == null) {
                return new CallResult.Signal(false, page);
            }
            PageRange part = PageRange.between(page, Math.min(range.end(), vma.end()));
            Touched touched = turn.ask(vma.id(), new VmaCommand.Touch(part, access, cpuNode, content, 0));
            if (touched.signal() != null) {
                return touched.signal() == FaultError.OOM ? new CallResult.Failed(Errno.ENOMEM)
                        : new CallResult.Signal(touched.signal() == FaultError.SIGBUS, touched.next());
            }
            page = touched.next();
        }
        return CallResult.OK;
    }
}
