package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code expand_downwards()} and {@code acct_stack_growth()}, mm/vma.c: an access below a VM_GROWSDOWN VMA makes it reach there. */
final class StackGrowth {
    /** RLIMIT_STACK of 8 MiB, in pages. */
    static final long LIMIT = 2048;
    /** {@code stack_guard_gap}, in pages. */
    static final long GUARD_GAP = 256;

    private StackGrowth() {}

    /**
     * Under {@code mmap_lock}, shared; it is held exclusively afterwards if anything can grow.
     *
     * @return the VMA that holds the page now, or null
     */
    static VmaInfo grow(Process process, long page, Turn turn) {
        if (turn.step(() -> grown(process, page) == null)) {
            return null;
        }
        turn.unlock(Process.MMAP_LOCK);
        turn.lock(Process.MMAP_LOCK, true);
        long limit = turn.context().settings().memlockLimitPages();
        VmaInfo after = turn.step(() -> {
            VmaInfo there = process.vmas.find(page);
            VmaInfo candidate = there == null ? grown(process, page) : null;
            if (candidate == null || candidate.has(VmaFlags.LOCKED) && Mlock.locked(process) + growth(process, candidate) > limit) {
                return there;
            }
            AnonVmaPreparation.prepare(process, process.vmas.findOrNext(page), turn);
            VmaInfo before = process.vmas.findOrNext(page);
            VmaInfo grown = before.withRange(before.id(), page, before.end());
            turn.emit(new ProcessEvents.VmaChanged(before, grown));
            return grown;
        });
        if (after != null) {
            turn.ask(after.id(), new VmaCommand.SetVma(after, PageRuns.NONE));
        }
        return after;
    }

    private static long growth(Process process, VmaInfo grown) {
        return process.vmas.findOrNext(grown.start()).start() - grown.start();
    }

    /** The VMA above the page as it would be if it reached down to it, or null if it must not. */
    private static VmaInfo grown(Process process, long page) {
        VmaInfo above = process.vmas.findOrNext(page);
        if (above == null || above.start() <= page || !above.has(VmaFlags.GROWSDOWN)) {
            return null;
        }
        VmaInfo below = process.vmas.previous(page);
        boolean tooNear = below != null && !below.has(VmaFlags.GROWSDOWN) && below.has(VmaFlags.ACCESS) && page - below.end() < GUARD_GAP;
        boolean tooLarge = above.end() - page > LIMIT || above.start() - page > above.pageOffset();
        return tooNear || tooLarge ? null : above.withRange(above.id(), page, above.end());
    }
}
