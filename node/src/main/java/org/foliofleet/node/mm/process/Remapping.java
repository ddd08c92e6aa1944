package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall.Mremap;
import org.foliofleet.protocol.program.MemoryCall.UffdEvent;

/** {@code do_mremap()}, {@code remap_move()}, {@code mremap_to()} and {@code mremap_at()}, mm/mremap.c of 6.18 (R7.34, R7.35). */
final class Remapping {
    /** Pages of the user address space of x86-64. */
    private static final long TASK_PAGES = (1L << 35) - 1;
    /** VMAs that a move may need beyond those there are. */
    private static final int SPARE_VMAS = 3;

    private Remapping() {}

    static CallResult mremap(Process process, Mremap call, Turn turn) {
        Errno refusal = refusal(call);
        if (refusal != null) {
            return new CallResult.Failed(refusal);
        }
        turn.lock(Process.MMAP_LOCK, true);
        int limit = turn.context().settings().maxMapCount();
        boolean fixed = call.newStart() >= 0;
        boolean moves = fixed || call.dontUnmap();
        if (moves && turn.step(() -> MapCount.refused(process.vmas.size() + 2 >= limit - SPARE_VMAS, turn))) {
            return new CallResult.Failed(Errno.ENOMEM);
        }
        int unmapped = fixed ? turn.step(() -> UserfaultEvents.wanted(process, UffdEvent.UNMAP, new PageRange(call.newStart(), call.newCount()))) : 0;
        boolean watched = moves && turn.step(() -> UserfaultEvents.isWanted(process, UffdEvent.REMAP, process.vmas.find(call.from().start())));
        Errno error;
        if (fixed && call.from().count() == call.newCount() && Relocating.maySpan(turn)) {
            error = moveAll(process, call, turn);
        } else {
            if (!Relocating.maySpan(turn)) {
                Relocating.noteSpan(process, call, turn);
            }
            error = one(process, call, turn);
        }
        if (error == null && (watched || unmapped > 0)) {
            told(process, watched, unmapped, turn);
        }
        return error == null ? CallResult.OK : new CallResult.Failed(error);
    }

    /** {@code mremap_userfaultfd_complete()}, {@code userfaultfd_unmap_complete()}. */
    private static void told(Process process, boolean watched, int unmapped, Turn turn) {
        turn.run(() -> {
            if (watched) {
                UserfaultEvents.begin(turn);
            }
        });
        Unmapping.told(process, unmapped, turn);
        if (watched) {
            UserfaultEvents.await(process, UffdEvent.REMAP, false, turn);
        }
    }

    /** {@code check_mremap_params()}: what is wrong with the call whatever is mapped. */
    static Errno refusal(Mremap call) {
        boolean fixed = call.newStart() >= 0;
        if (call.newCount() <= 0 || call.newCount() > TASK_PAGES) {
            return Errno.EINVAL;
        }
        if (!fixed && !call.dontUnmap()) {
            return null;
        }
        boolean mayMove = fixed || call.mayMove();
        boolean resizes = call.dontUnmap() && call.newCount() != call.from().count();
        boolean beyond = fixed && call.newStart() > TASK_PAGES - call.newCount();
        boolean overlaps = fixed && call.from().end() > call.newStart() && call.newStart() + call.newCount() > call.from().start();
        return !mayMove || resizes || beyond || overlaps ? Errno.EINVAL : null;
    }

    /** {@code remap_move()}: VMA after VMA, with the gaps between them; those that were moved stay so if a later one fails. */
    private static Errno moveAll(Process process, Mremap call, Turn turn) {
        long start = call.from().start();
        long end = call.from().end();
        long page = start;
        long target = call.newStart();
        long lastEnd = -1;
        while (page < end) {
            long from = page;
            VmaInfo vma = turn.step(() -> process.vmas.findOrNext(from));
            if (vma == null || vma.start() >= end) {
                break;
            }
            boolean seen = lastEnd >= 0;
            if (!seen && vma.start() > start) {
                return Errno.EFAULT;
            }
            if (vma.has(VmaFlags.UFFD_ANY) && (seen || vma.end() < end)) {
                return Errno.EFAULT;
            }
            long first = Math.max(vma.start(), start);
            long count = Math.min(end, vma.end()) - first;
            target += seen ? vma.start() - lastEnd : 0;
            boolean spans = seen || vma.end() < end;
            Mremap part = new Mremap(new PageRange(first, count), count, target, true, call.dontUnmap(), Relocating.ofSpan(call, spans, turn));
            Errno error = check(vma, part, process, turn);
            if (error == null) {
                error = moveTo(process, part, spans, turn);
            }
            if (error != null) {
                return error;
            }
            lastEnd = vma.end();
            target += count;
            page = first + count;
        }
        return lastEnd < 0 ? Errno.EFAULT : null;
    }

    private static Errno one(Process process, Mremap call, Turn turn) {
        VmaInfo vma = turn.step(() -> process.vmas.find(call.from().start()));
        Errno error = check(vma, call, process, turn);
        if (error != null) {
            return error;
        }
        if (call.newStart() >= 0 || call.dontUnmap()) {
            error = moveTo(process, call, false, turn);
        } else if (call.newCount() == call.from().count()) {
            return null;
        } else if (call.newCount() < call.from().count()) {
            return Unmapping.unmap(process, PageRange.between(call.from().start() + call.newCount(), call.from().end()), VmaSplitTrigger.MREMAP, turn);
        } else {
            error = expand(process, vma, call, turn);
        }
        return error;
    }

    /** {@code check_prep_vma()}: whether this VMA can be resized or moved so. */
    private static Errno check(VmaInfo vma, Mremap call, Process process, Turn turn) {
        if (vma == null) {
            return Errno.EFAULT;
        }
        long oldCount = call.from().count();
        long newCount = call.newCount();
        boolean moves = call.newStart() >= 0 || call.dontUnmap();
        if (!moves && newCount <= oldCount) {
            return null;
        }
        boolean notExpandable = vma.has(VmaFlags.DONTEXPAND | VmaFlags.PFNMAP);
        if (oldCount == 0 && !vma.has(VmaFlags.SHARED | VmaFlags.MAYSHARE) || call.dontUnmap() && notExpandable) {
            return Errno.EINVAL;
        }
        if (Math.min(oldCount, newCount) > vma.end() - call.from().start()) {
            return Errno.EFAULT;
        }
        if (newCount <= oldCount) {
            return null;
        }
        if (notExpandable) {
            return Errno.EFAULT;
        }
        boolean overLimit = vma.has(VmaFlags.LOCKED) && turn.step(() ->
                Mlock.locked(process) + newCount - oldCount > turn.context().settings().memlockLimitPages());
        return overLimit ? Errno.EAGAIN : null;
    }

    /** {@code mremap_to()}: clears the target, cuts the source if it shrinks, moves. */
    private static Errno moveTo(Process process, Mremap call, boolean spans, Turn turn) {
        long newCount = call.newCount();
        PageRange from = call.from();
        long target = call.newStart();
        if (target >= 0) {
            Errno error = Unmapping.unmap(process, new PageRange(target, newCount), VmaSplitTrigger.MREMAP, turn);
            if (error != null) {
                return error;
            }
        }
        if (from.count() > newCount) {
            Errno error = Unmapping.unmap(process, PageRange.between(from.start() + newCount, from.end()), VmaSplitTrigger.MREMAP, turn);
            if (error != null) {
                return error;
            }
            from = new PageRange(from.start(), newCount);
        }
        if (target < 0) {
            target = freeRange(process, newCount, turn);
        }
        return Moving.move(process, new Moving.Order(from, newCount, target, call.dontUnmap(), call.relocate(), spans), turn);
    }

    /** {@code expand_vma()}: in place if the range ends the VMA and there is room, else elsewhere if that is allowed. */
    private static Errno expand(Process process, VmaInfo vma, Mremap call, Turn turn) {
        long more = call.newCount() - call.from().count();
        boolean inPlace = vma.end() == call.from().end() && turn.step(() -> {
            VmaInfo next = process.vmas.next(vma);
            return next == null || next.start() >= vma.end() + more;
        });
        if (inPlace) {
            if (vma.has(VmaFlags.SPECIAL)) {
                return Errno.ENOMEM;
            }
            VmaInfo extension = turn.step(() -> vma.withRange(process.newVmaId(0), vma.end(), vma.end() + more));
            VmaInfo grown = VmaEditing.addMerged(process, extension, turn);
            if (grown.has(VmaFlags.LOCKED)) {
                Populating.populate(process, PageRange.between(extension.start(), extension.end()), true, turn);
            }
            return null;
        }
        if (!call.mayMove()) {
            return Errno.ENOMEM;
        }
        long target = freeRange(process, call.newCount(), turn);
        return Moving.move(process, new Moving.Order(call.from(), call.newCount(), target, false, call.relocate(), false), turn);
    }

    /** An address that the kernel would choose: here above all mappings, aligned to 2 MiB. */
    private static long freeRange(Process process, long count, Turn turn) {
        return turn.step(() -> {
            VmaInfo last = process.vmas.last();
            return PageOrder.alignUp(last == null ? 0 : last.end(), PageOrder.PMD) + PageOrder.PMD_PAGES;
        });
    }
}
