package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaCommand.GetError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code do_mlock()}, {@code munlock()} and {@code mlock_fixup()}, mm/mlock.c (R7.19 to R7.22). */
final class Mlock {
    private Mlock() {}

    static CallResult mlock(Process process, MemoryCall.Mlock call, Turn turn) {
        PageRange range = call.range();
        long limit = turn.context().settings().memlockLimitPages();
        if (limit == 0) {
            return new CallResult.Failed(Errno.EPERM);
        }
        turn.lock(Process.MMAP_LOCK, true);
        if (turn.step(() -> range.count() + locked(process) - locked(process, range) > limit)) {
            return new CallResult.Failed(Errno.ENOMEM);
        }
        Errno error = change(process, range, VmaFlags.LOCKED | (call.onFault() ? VmaFlags.LOCKONFAULT : 0), turn);
        if (error != null) {
            return new CallResult.Failed(error);
        }
        GetError failed = Populating.populate(process, range, false, turn);
        if (failed == null) {
            return CallResult.OK;
        }
        return new CallResult.Failed(failed == GetError.OOM || failed == GetError.LIMIT ? Errno.EAGAIN : Errno.ENOMEM);
    }

    static CallResult munlock(Process process, MemoryCall.Munlock call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        Errno error = change(process, call.range(), 0, turn);
        return error == null ? CallResult.OK : new CallResult.Failed(error);
    }

    /** Pages of locked VMAs: {@code mm->locked_vm}. */
    static long locked(Process process) {
        return locked(process, new PageRange(0, Long.MAX_VALUE)) + process.leakedLockedPages;
    }

    private static long locked(Process process, PageRange range) {
        long[] pages = {0};
        process.vmas.forEach(range.start(), range.end(), vma -> {
            if (vma.has(VmaFlags.LOCKED)) {
                pages[0] += Math.min(vma.end(), range.end()) - Math.max(vma.start(), range.start());
            }
        });
        return pages[0];
    }

    /** {@code apply_vma_lock_flags()}: VMA after VMA up to the first hole; null if there is none. */
    private static Errno change(Process process, PageRange range, long lockFlags, Turn turn) {
        long page = range.start();
        while (page < range.end()) {
            long from = page;
            VmaInfo vma = turn.step(() -> process.vmas.find(from));
            if (vma == null) {
                return Errno.ENOMEM;
            }
            PageRange part = PageRange.between(page, Math.min(range.end(), vma.end()));
            long flags = vma.flags() & ~VmaFlags.LOCKED_MASK | lockFlags;
            page = part.end();
            if (flags == vma.flags() || vma.has(VmaFlags.SPECIAL | VmaFlags.DROPPABLE)) {
                continue;
            }
            VmaInfo changed = VmaEditing.modify(process, vma, part, vma.withFlags(flags), turn);
            if (changed == null) {
                return Errno.ENOMEM;
            }
            boolean lock = lockFlags != 0;
            Errno refused = BoundaryFolios.afterChange(process, vma, part, lock ? VmaSplitTrigger.MLOCK : VmaSplitTrigger.MUNLOCK, turn);
            if (refused != null) {
                return refused;
            }
            if (lock != vma.has(VmaFlags.LOCKED)) {
                turn.ask(changed.id(), new VmaCommand.WalkMlock(part, lock));
            }
        }
        return null;
    }
}
