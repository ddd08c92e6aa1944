package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ProcessCommand.AdviseRest;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code do_madvise()} and {@code madvise_walk_vmas()}, mm/madvise.c: what all advices have in common. */
final class Advising {
    /** What an advice does with one VMA: {@code madvise_vma_behavior()}. */
    @FunctionalInterface
    interface Behavior {
        /**
         * @param vma  the VMA as it is now
         * @param part the pages of the call that lie in it
         * @return {@link CallResult#OK} to go on with the next VMA, anything else to end the call with it
         */
        CallResult advise(Process process, VmaInfo vma, PageRange part, Turn turn);
    }

    /** VMAs after which the flight goes on with an empty log, so that many of them do not grow it. */
    private static final int VMAS_PER_FLIGHT = 64;

    private Advising() {}

    static CallResult madvise(Process process, MemoryCall.Madvise call, Turn turn) {
        return madvise(process, new AdviseRest(call.range(), call.advice(), false), turn);
    }

    static CallResult madvise(Process process, AdviseRest call, Turn turn) {
        Advice advice = call.advice();
        PageRange range = call.range();
        if (range.isEmpty()) {
            return CallResult.OK;
        }
        return switch (advice) {
            case POPULATE_READ, POPULATE_WRITE -> Populating.advise(process, range, advice == Advice.POPULATE_WRITE, turn);
            case NORMAL, SEQUENTIAL, RANDOM, HUGEPAGE, NOHUGEPAGE, DONTFORK, DOFORK, WIPEONFORK, KEEPONFORK, DONTDUMP, DODUMP ->
                    walk(process, call, true, (p, vma, part, t) -> AdviceFlags.advise(p, vma, part, advice, t), turn);
            case GUARD_INSTALL, GUARD_REMOVE ->
                    walk(process, call, false, (p, vma, part, t) -> GuardPages.advise(p, vma, part, advice, t), turn);
            case DONTNEED, DONTNEED_LOCKED ->
                    walk(process, call, false, (p, vma, part, t) -> DontNeed.advise(p, vma, part, advice, t), turn);
            case REMOVE -> walk(process, call, false, (p, vma, part, t) -> FileCalls.remove(vma, part, t), turn);
            case COLLAPSE -> CollapseAdvice.collapse(process, range, turn);
            case FREE, COLD, PAGEOUT ->
                    walk(process, call, false, (p, vma, part, t) -> LruAdvising.advise(vma, part, advice, t), turn);
            case WILLNEED -> walk(process, call, false, (p, vma, part, t) -> LruAdvising.willNeed(p, vma, part, t), turn);
            case MERGEABLE, UNMERGEABLE ->
                    walk(process, call, true, (p, vma, part, t) -> KsmMm.advise(p, vma, part, advice, t), turn);
        };
    }

    /**
     * Advises VMA after VMA, ascending. Holes are skipped, but make the call end with ENOMEM when all is done.
     *
     * @param exclusive whether the advice changes the VMAs themselves
     */
    static CallResult walk(Process process, AdviseRest call, boolean exclusive, Behavior behavior, Turn turn) {
        turn.lock(Process.MMAP_LOCK, exclusive);
        PageRange range = call.range();
        boolean hole = call.hole();
        long page = range.start();
        for (int vmas = 0; page < range.end(); vmas++) {
            if (vmas == VMAS_PER_FLIGHT) {
                return turn.continueAs(new AdviseRest(PageRange.between(page, range.end()), call.advice(), hole));
            }
            long from = page;
            VmaInfo found = turn.step(() -> process.vmas.findOrNext(from));
            if (found == null) {
                return new CallResult.Failed(Errno.ENOMEM);
            }
            hole |= found.start() > page;
            long start = Math.max(page, found.start());
            if (start >= range.end()) {
                break;
            }
            VmaInfo vma = found.has(VmaFlags.UFFD_ANY) ? UserfaultEvents.removing(process, found, start, call.advice(), turn) : found;
            if (vma == null) {
                return new CallResult.Failed(Errno.ENOMEM);
            }
            long end = Math.min(vma.end(), range.end());
            CallResult result = behavior.advise(process, vma, PageRange.between(start, end), turn);
            if (!(result instanceof CallResult.Ok)) {
                return result;
            }
            page = end;
        }
        return hole ? new CallResult.Failed(Errno.ENOMEM) : CallResult.OK;
    }
}
