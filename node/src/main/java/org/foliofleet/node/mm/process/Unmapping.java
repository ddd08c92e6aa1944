package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.UffdEvent;

/** {@code do_vmi_munmap()}, {@code vms_gather_munmap_vmas()} and {@code free_pgtables()}, mm/vma.c (R7.1). */
final class Unmapping {
    private Unmapping() {}

    static CallResult munmap(Process process, MemoryCall.Munmap munmap, Turn turn) {
        if (munmap.range().isEmpty()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        turn.lock(Process.MMAP_LOCK, true);
        turn.run(() -> turn.charge(turn.context().costs().mapCall()));
        int watched = turn.step(() -> UserfaultEvents.wanted(process, UffdEvent.UNMAP, munmap.range()));
        Errno error = unmap(process, munmap.range(), VmaSplitTrigger.MUNMAP, turn);
        if (error == null && watched > 0) {
            told(process, watched, turn);
        }
        return error == null ? CallResult.OK : new CallResult.Failed(error);
    }

    /** {@code userfaultfd_unmap_complete()}: gives {@code mmap_lock} up, and waits for an event for each VMA that was watched. */
    static void told(Process process, int vmas, Turn turn) {
        turn.run(() -> {
            for (int i = 0; i < vmas; i++) {
                UserfaultEvents.begin(turn);
            }
        });
        turn.unlock(Process.MMAP_LOCK);
        for (int i = 0; i < vmas; i++) {
            UserfaultEvents.await(process, UffdEvent.UNMAP, false, turn);
        }
    }

    /**
     * Clears a range: splits the VMAs at its ends and removes what lies between. Under {@code mmap_lock}, exclusive.
     *
     * @param why whose VMA splits these are; null if folios across them have been looked at
     * @return ENOMEM if the range would punch a hole into a VMA and there are too many already; else null
     */
    static Errno unmap(Process process, PageRange range, VmaSplitTrigger why, Turn turn) {
        int limit = turn.context().settings().maxMapCount();
        boolean tooMany = turn.step(() -> {
            VmaInfo first = process.vmas.find(range.start());
            boolean hole = first != null && first.start() < range.start() && first.end() > range.end();
            return MapCount.refused(hole && process.vmas.size() >= limit, turn);
        });
        if (tooMany) {
            return Errno.ENOMEM;
        }
        List<Long> cuts = BoundaryFolios.concerns(why, turn) ? turn.step(() -> cuts(process, range)) : List.of();
        VmaEditing.splitAt(process, range.start(), turn);
        VmaEditing.splitAt(process, range.end(), turn);
        Errno refused = BoundaryFolios.afterCuts(process, cuts, why, turn);
        if (refused != null) {
            return refused;
        }
        remove(process, turn.step(() -> VmaEditing.inside(process, range)), turn);
        return null;
    }

    /** The ends of the range that lie inside of VMAs. */
    private static List<Long> cuts(Process process, PageRange range) {
        List<Long> cuts = new ArrayList<>();
        for (long end : new long[] {range.start(), range.end()}) {
            VmaInfo across = process.vmas.find(end);
            if (across != null && across.start() < end) {
                cuts.add(end);
            }
        }
        return List.copyOf(cuts);
    }

    /**
     * Removes whole VMAs with their pages.
     *
     * @param vmas all VMAs of some range
     */
    static void remove(Process process, List<VmaInfo> vmas, Turn turn) {
        if (vmas.isEmpty()) {
            return;
        }
        VmaInfo previous = turn.step(() -> process.vmas.previous(vmas.get(0).start()));
        VmaInfo next = turn.step(() -> process.vmas.next(vmas.get(vmas.size() - 1)));
        List<OwnerId> to = new ArrayList<>();
        List<Command<Void>> zaps = new ArrayList<>();
        List<Command<Void>> removals = new ArrayList<>();
        for (VmaInfo vma : vmas) {
            to.add(vma.id());
            zaps.add(new VmaCommand.Zap(PageRange.between(vma.start(), vma.end()), true));
            removals.add(new VmaCommand.Remove(heir(vma.start(), previous, next), heir(vma.end() - 1, previous, next)));
        }
        turn.askAll(to, zaps);
        // Walks that come from folios must not meet a VMA that the tree still has but that has ended.
        turn.lock(Process.STRUCTURE_LOCK, true);
        turn.askAll(to, removals);
        turn.run(() -> {
            turn.emit(new ProcessEvents.TreeChanged(vmas, List.of()));
            Families.settle(process, vmas, turn);
            FileMappings.detach(process, vmas, turn);
        });
        turn.unlock(Process.STRUCTURE_LOCK);
    }

    /**
     * Whom the page table of the page's block of 2 MiB is left to: a VMA beside the range that has a part of the block, as
     * {@code free_pgtables()} keeps within floor and ceiling; or null, then it is freed.
     */
    private static VmaId heir(long page, VmaInfo previous, VmaInfo next) {
        long block = page >> PageOrder.PMD;
        if (previous != null && (previous.end() - 1) >> PageOrder.PMD == block) {
            return previous.id();
        }
        return next != null && next.start() >> PageOrder.PMD == block ? next.id() : null;
    }
}
