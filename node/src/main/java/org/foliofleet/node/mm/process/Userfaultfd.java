package org.foliofleet.node.mm.process;

import java.util.Set;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.Userfault.Done;
import org.foliofleet.protocol.message.Userfault.Fill;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.UffdMode;

/**
 * The ioctls of the process's userfaultfd, which has UFFD_FEATURE_SIGBUS and no events: fs/userfaultfd.c (R13.1, R13.5). It
 * is opened by the first registration.
 */
final class Userfaultfd {
    private Userfaultfd() {}

    // -- registration --------------------------------------------------------------------------------------------

    static CallResult register(Process process, MemoryCall.UffdRegister call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        turn.run(() -> {
            if (!process.userfaultfd) {
                turn.emit(new Opened());
            }
        });
        long wanted = flags(call.modes());
        if (call.range().isEmpty() || wanted == 0) {
            return failed(Errno.EINVAL);
        }
        Errno refusal = refusal(process, call.range(), wanted, false, turn);
        if (refusal != null) {
            return failed(refusal);
        }
        return change(process, call.range(), (vma, t) -> (vma.flags() & wanted) == wanted ? vma.flags() : vma.flags() & ~VmaFlags.UFFD_ANY | wanted,
                turn);
    }

    static CallResult unregister(Process process, MemoryCall.UffdUnregister call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        if (turn.step(() -> !process.userfaultfd)) {
            return failed(Errno.EBADF);
        }
        if (call.range().isEmpty()) {
            return failed(Errno.EINVAL);
        }
        Errno refusal = refusal(process, call.range(), 0, true, turn);
        if (refusal != null) {
            return failed(refusal);
        }
        return change(process, call.range(), (vma, t) -> {
            if (vma.has(VmaFlags.UFFD_WP)) {
                PageRange part = PageRange.between(Math.max(vma.start(), call.range().start()), Math.min(vma.end(), call.range().end()));
                t.ask(vma.id(), new Userfault.WriteProtect(part, false, false));
            }
            return vma.flags() & ~VmaFlags.UFFD_ANY;
        }, turn);
    }

    private static long flags(Set<UffdMode> modes) {
        long flags = 0;
        flags |= modes.contains(UffdMode.MISSING) ? VmaFlags.UFFD_MISSING : 0;
        flags |= modes.contains(UffdMode.WP) ? VmaFlags.UFFD_WP : 0;
        return modes.contains(UffdMode.MINOR) ? flags | VmaFlags.UFFD_MINOR : flags;
    }

    /** Looks at all VMAs of the range before any changes: {@code vma_can_userfault()}. */
    private static Errno refusal(Process process, PageRange range, long wanted, boolean own, Turn turn) {
        boolean found = false;
        for (long page = range.start(); page < range.end();) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.findOrNext(at));
            if (vma == null || vma.start() >= range.end()) {
                break;
            }
            found = true;
            long modes = own ? vma.flags() & VmaFlags.UFFD_ANY : wanted;
            boolean minor = (modes & VmaFlags.UFFD_MINOR) != 0;
            boolean refused = vma.has(VmaFlags.DROPPABLE | VmaFlags.SPECIAL) || vma.isAnonymous() && minor
                    || !vma.isAnonymous() && turn.ask(vma.file(), new AddressSpaceCommand.ShmemSize()) < 0;
            if (refused) {
                return Errno.EINVAL;
            }
            page = vma.end();
        }
        return found ? null : Errno.EINVAL;
    }

    /** The flags that a VMA is to have; may ask it for what must happen before. */
    @FunctionalInterface
    private interface NewFlags {
        long of(VmaInfo vma, Turn turn);
    }

    /** {@code vma_modify_flags_uffd()}, VMA after VMA. */
    private static CallResult change(Process process, PageRange range, NewFlags flags, Turn turn) {
        for (long page = range.start(); page < range.end();) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.findOrNext(at));
            if (vma == null || vma.start() >= range.end()) {
                break;
            }
            PageRange part = PageRange.between(Math.max(page, vma.start()), Math.min(range.end(), vma.end()));
            page = part.end();
            long after = flags.of(vma, turn);
            if (after != vma.flags()) {
                VmaInfo changed = VmaEditing.modify(process, vma, part, vma.withFlags(after), turn);
                if (changed == null) {
                    return failed(Errno.ENOMEM);
                }
                Errno refused = BoundaryFolios.afterChange(process, vma, part, VmaSplitTrigger.UFFD, turn);
                if (refused != null) {
                    return failed(refused);
                }
                page = Math.max(page, changed.end());
            }
        }
        return CallResult.OK;
    }

    // -- resolution ----------------------------------------------------------------------------------------------

    static CallResult copy(Process process, MemoryCall.UffdCopy call, Turn turn) {
        return fill(process, call.range(), Fill.COPY, call.writeProtect(), call.content(), turn);
    }

    /**
     * {@code mfill_atomic()}. UFFDIO_COPY is one call a page; the others are one call, which says EAGAIN when it got no
     * further than a part.
     */
    static CallResult fill(Process process, PageRange range, Fill fill, boolean writeProtect, ContentTag content, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        if (turn.step(() -> !process.userfaultfd)) {
            return failed(Errno.EBADF);
        }
        if (range.isEmpty()) {
            return fill == Fill.COPY ? CallResult.OK : failed(Errno.EINVAL);
        }
        if (turn.step(() -> process.changes > 0)) {
            return failed(Errno.EAGAIN);
        }
        TaskContext task = turn.step(() -> process.task);
        for (long page = range.start(); page < range.end();) {
            VmaInfo vma = destination(process, page, turn);
            if (vma == null || !vma.has(VmaFlags.UFFD_ANY) || fill != Fill.COPY && range.end() > vma.end()) {
                return failed(Errno.ENOENT);
            }
            if (writeProtect && !vma.has(VmaFlags.UFFD_WP) || fill == Fill.CONTINUE && vma.isAnonymous()) {
                return failed(Errno.EINVAL);
            }
            PageRange part = PageRange.between(page, Math.min(range.end(), vma.end()));
            Done done = turn.ask(vma.id(), new Userfault.FillPages(part, fill, writeProtect, content, task));
            page += done.pages();
            if (done.errno() != null) {
                return failed(fill != Fill.COPY && page > range.start() ? Errno.EAGAIN : done.errno());
            }
        }
        return CallResult.OK;
    }

    /** {@code uffd_lock_vma()}: the VMA at the page, with an anon_vma if it is private; null if there is none. */
    static VmaInfo destination(Process process, long page, Turn turn) {
        VmaInfo before = turn.step(() -> process.vmas.find(page));
        if (before == null || before.has(VmaFlags.SHARED) || before.anonVma() != null) {
            return before;
        }
        VmaInfo after = turn.step(() -> {
            AnonVmaPreparation.prepare(process, before, turn);
            return process.vmas.find(page);
        });
        turn.ask(after.id(), new VmaCommand.SetVma(after, PageRuns.NONE));
        return after;
    }

    /** {@code mwriteprotect_range()}: holes are passed over, VMAs that are not registered for it end it. */
    static CallResult writeProtect(Process process, MemoryCall.UffdWriteProtect call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        if (turn.step(() -> !process.userfaultfd)) {
            return failed(Errno.EBADF);
        }
        PageRange range = call.range();
        if (range.isEmpty()) {
            return failed(Errno.EINVAL);
        }
        if (turn.step(() -> process.changes > 0)) {
            return failed(Errno.EAGAIN);
        }
        boolean unpopulated = turn.step(() -> process.monitor != null && process.monitor.unpopulated());
        boolean found = false;
        for (long page = range.start(); page < range.end();) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.findOrNext(at));
            if (vma == null || vma.start() >= range.end()) {
                break;
            }
            if (!vma.has(VmaFlags.UFFD_WP)) {
                return failed(Errno.ENOENT);
            }
            found = true;
            PageRange part = PageRange.between(Math.max(page, vma.start()), Math.min(range.end(), vma.end()));
            turn.ask(vma.id(), new Userfault.WriteProtect(part, call.protect(), unpopulated));
            page = part.end();
        }
        return found ? CallResult.OK : failed(Errno.ENOENT);
    }

    static CallResult failed(Errno errno) {
        return new CallResult.Failed(errno);
    }

    /** The process has a userfaultfd. */
    private record Opened() implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.userfaultfd = true;
        }
    }
}
