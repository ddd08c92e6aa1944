package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ProcessCommand.Execute;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/** {@code do_mprotect_pkey()} and {@code mprotect_fixup()}, mm/mprotect.c (R7.12). */
final class Protecting {
    /** VMAs after which the flight goes on with an empty log, so that many of them do not grow it. */
    private static final int VMAS_PER_FLIGHT = 64;

    private Protecting() {}

    static CallResult mprotect(Process process, MemoryCall.Mprotect call, Turn turn) {
        PageRange range = call.range();
        if (range.isEmpty()) {
            return CallResult.OK;
        }
        turn.lock(Process.MMAP_LOCK, true);
        long page = range.start();
        for (int vmas = 0; page < range.end(); vmas++) {
            if (vmas == VMAS_PER_FLIGHT) {
                return turn.continueAs(new Execute(new MemoryCall.Mprotect(PageRange.between(page, range.end()), call.protection())));
            }
            long from = page;
            VmaInfo vma = turn.step(() -> process.vmas.find(from));
            if (vma == null) {
                return new CallResult.Failed(Errno.ENOMEM);
            }
            PageRange part = PageRange.between(page, Math.min(vma.end(), range.end()));
            long flags = after(vma, call.protection());
            VmaInfo changed = flags == vma.flags() ? vma : VmaEditing.modify(process, vma, part, vma.withFlags(flags), turn);
            if (changed == null) {
                return new CallResult.Failed(Errno.ENOMEM);
            }
            if (flags != vma.flags()) {
                Errno refused = BoundaryFolios.afterChange(process, vma, part, VmaSplitTrigger.MPROTECT, turn);
                if (refused != null) {
                    return new CallResult.Failed(refused);
                }
                protect(process, vma, part, changed, turn);
            }
            page = Math.max(part.end(), changed.end());
        }
        return CallResult.OK;
    }

    /** The entries of a part of the VMA get what its flags say now. */
    private static void protect(Process process, VmaInfo before, PageRange part, VmaInfo changed, Turn turn) {
        turn.ask(changed.id(), new VmaCommand.Protect(part));
        boolean copies = (before.flags() & (VmaFlags.WRITE | VmaFlags.SHARED | VmaFlags.LOCKED)) == VmaFlags.LOCKED
                && changed.has(VmaFlags.WRITE);
        if (copies) {
            Populating.populate(process, part, true, turn);
        }
    }

    /**
     * The VMA's flags with another protection. Private memory is accounted once it may be written, and no longer when
     * it may not be before anything was written.
     */
    static long after(VmaInfo vma, Protection protection) {
        long old = vma.flags();
        long flags = old & ~VmaFlags.ACCESS;
        flags |= protection.read() ? VmaFlags.READ : 0;
        flags |= protection.write() ? VmaFlags.WRITE : 0;
        flags |= protection.execute() ? VmaFlags.EXEC : 0;
        if (flags == old) {
            return old;
        }
        if (protection.write()) {
            boolean charged = (old & (VmaFlags.ACCOUNT | VmaFlags.WRITE | VmaFlags.SHARED | VmaFlags.NORESERVE)) == 0;
            return charged ? flags | VmaFlags.ACCOUNT : flags;
        }
        return vma.isAnonymous() && vma.anonVma() == null ? flags & ~VmaFlags.ACCOUNT : flags;
    }
}
