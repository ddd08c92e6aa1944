package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ProcessCommand.Access;
import org.foliofleet.protocol.message.ProcessCommand.Accessed;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaCommand;
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
        return touch(process, read.range(), VmaCommand.Access.READ, null, turn).result();
    }

    static CallResult write(Process process, MemoryCall.Write write, Turn turn) {
        return touch(process, write.range(), VmaCommand.Access.WRITE, write.content(), turn).result();
    }

    static Accessed access(Process process, Access access, Turn turn) {
        if (turn.isBeginning() && process.killed) {
            return new Accessed(CallResult.KILLED, 0);
        }
        return touch(process, access.range(), access.access(), access.content(), turn);
    }

    private static Accessed touch(Process process, PageRange range, VmaCommand.Access access, ContentTag content, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        long page = range.start();
        long faults = 0;
        TaskContext task = turn.step(() -> process.task);
        while (page < range.end()) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.find(at));
            if (vma == null) {
                vma = StackGrowth.grow(process, at, turn);
            }
            if (vma == null) {
                return new Accessed(new CallResult.Signal(false, page), faults + 1);
            }
            PageRange part = PageRange.between(page, Math.min(range.end(), vma.end()));
            Touched touched = turn.ask(vma.id(), new VmaCommand.Touch(part, access, task, content, 0));
            faults += touched.faults();
            if (touched.signal() != null && touched.signal().isUserfault()
                    && UserfaultMonitor.resolve(process, touched.next(), touched.signal(), turn)) {
                page = touched.next();
                continue;
            }
            if (touched.signal() != null) {
                if (touched.signal() == FaultError.OOM) {
                    return new Accessed(turn.step(() -> process.killed) ? CallResult.KILLED : new CallResult.Failed(Errno.ENOMEM), faults);
                }
                return new Accessed(new CallResult.Signal(touched.signal() != FaultError.SIGSEGV, touched.next()), faults);
            }
            page = touched.next();
        }
        return new Accessed(CallResult.OK, faults);
    }
}
