package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** {@code madvise_guard_install()} and {@code madvise_guard_remove()}, mm/madvise.c (R7.10). */
final class GuardPages {
    private GuardPages() {}

    static CallResult advise(Process process, VmaInfo vma, PageRange part, Advice advice, Turn turn) {
        boolean install = advice == Advice.GUARD_INSTALL;
        if (vma.has(install ? VmaFlags.SPECIAL | VmaFlags.LOCKED : VmaFlags.SPECIAL)) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        if (install) {
            turn.run(() -> prepare(process, vma.start(), turn));
        }
        turn.ask(vma.id(), new VmaCommand.Guard(part, install, turn.step(() -> process.vmas.find(vma.start()))));
        return CallResult.OK;
    }

    /** The VMA may have guard regions from now on; anonymous memory gets an anon_vma, so that fork copies them. Within a step. */
    private static void prepare(Process process, long start, Turn turn) {
        VmaInfo vma = process.vmas.find(start);
        if (vma.isAnonymous() && vma.anonVma() == null) {
            AnonVmaPreparation.prepare(process, vma, turn);
            vma = process.vmas.find(start);
        }
        if (!vma.has(VmaFlags.MAYBE_GUARD)) {
            turn.emit(new ProcessEvents.VmaChanged(vma, vma.withFlags(vma.flags() | VmaFlags.MAYBE_GUARD)));
        }
    }
}
