package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** Advices that only change flags of VMAs: {@code madvise_vma_behavior()} and {@code hugepage_madvise()} (R7.9, R7.17). */
final class AdviceFlags {
    /** What {@link #after} gives for an advice that the VMA does not take. */
    static final long REFUSED = -1;

    private AdviceFlags() {}

    static CallResult advise(Process process, VmaInfo vma, PageRange part, Advice advice, Turn turn) {
        long flags = after(vma, advice);
        if (flags == REFUSED) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        if (advice == Advice.HUGEPAGE) {
            turn.run(() -> KhugepagedMm.enter(process, vma.withFlags(flags), turn));
        }
        return change(process, vma, part, flags, turn);
    }

    /** {@code madvise_update_vma()}: a shortage of VMAs is EAGAIN here. */
    static CallResult change(Process process, VmaInfo vma, PageRange part, long flags, Turn turn) {
        if (flags == vma.flags()) {
            return CallResult.OK;
        }
        VmaInfo changed = VmaEditing.modify(process, vma, part, vma.withFlags(flags), turn);
        if (changed == null) {
            return new CallResult.Failed(Errno.EAGAIN);
        }
        Errno refused = BoundaryFolios.afterChange(process, vma, part, VmaSplitTrigger.MADVISE_FLAG, turn);
        return refused == null ? CallResult.OK : new CallResult.Failed(refused);
    }

    /** The VMA's flags after the advice, or {@link #REFUSED}. */
    static long after(VmaInfo vma, Advice advice) {
        long flags = vma.flags();
        return switch (advice) {
            case NORMAL -> flags & ~(VmaFlags.SEQ_READ | VmaFlags.RAND_READ);
            case SEQUENTIAL -> flags & ~VmaFlags.RAND_READ | VmaFlags.SEQ_READ;
            case RANDOM -> flags & ~VmaFlags.SEQ_READ | VmaFlags.RAND_READ;
            case HUGEPAGE -> flags & ~VmaFlags.NOHUGEPAGE | VmaFlags.HUGEPAGE;
            case NOHUGEPAGE -> flags & ~VmaFlags.HUGEPAGE | VmaFlags.NOHUGEPAGE;
            case DONTFORK -> flags | VmaFlags.DONTCOPY;
            case DOFORK -> vma.has(VmaFlags.IO) ? REFUSED : flags & ~VmaFlags.DONTCOPY;
            case WIPEONFORK -> !vma.isAnonymous() || vma.has(VmaFlags.SHARED) ? REFUSED : flags | VmaFlags.WIPEONFORK;
            case KEEPONFORK -> vma.has(VmaFlags.DROPPABLE) ? REFUSED : flags & ~VmaFlags.WIPEONFORK;
            case DONTDUMP -> flags | VmaFlags.DONTDUMP;
            case DODUMP -> vma.has(VmaFlags.SPECIAL | VmaFlags.DROPPABLE) ? REFUSED : flags & ~VmaFlags.DONTDUMP;
            default -> throw new IllegalArgumentException("madvise " + advice.word() + " is not about flags alone");
        };
    }
}
