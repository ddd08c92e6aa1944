package org.foliofleet.node.mm.process;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Errno;

/** {@code move_vma()}, {@code copy_vma()} and {@code dontunmap_complete()} of 6.18 (R7.36, R7.37). */
final class Moving {
    private Moving() {}

    /**
     * Moves the pages of a range of one VMA into free space.
     *
     * @param from     the source; empty to map a shared object a second time
     * @param newCount pages of the target
     * @param keep     whether the source stays mapped, empty (MREMAP_DONTUNMAP)
     */
    static Errno move(Process process, PageRange from, long newCount, long target, boolean keep, Turn turn) {
        int limit = turn.context().settings().maxMapCount();
        VmaInfo source = turn.step(() -> process.vmas.find(from.start()));
        if (source == null) {
            return Errno.EFAULT;
        }
        if (turn.step(() -> MapCount.refused(process.vmas.size() >= limit - 3, turn))) {
            return Errno.ENOMEM;
        }
        if (!KsmMm.unmerge(process, source, from, turn)) {
            return Errno.ENOMEM;
        }
        VmaInfo copy = turn.step(() -> copy(process, source, from.start(), target, newCount));
        VmaInfo arrived = VmaEditing.addMerged(process, copy, turn);
        VmaInfo left = turn.step(() -> process.vmas.find(from.start()));
        if (!from.isEmpty()) {
            SharedTables.tell(process, left, from, turn);
            turn.lock(Process.STRUCTURE_LOCK, true);
            turn.ask(left.id(), new VmaCommand.MovePages(from, target, arrived));
            turn.unlock(Process.STRUCTURE_LOCK);
        }
        if (keep) {
            emptied(process, left, from, arrived, turn);
        } else if (!from.isEmpty()) {
            Unmapping.unmap(process, from, turn);
        }
        VmaInfo moved = turn.step(() -> process.vmas.find(target));
        if (moved.has(VmaFlags.UFFD_ANY)) {
            change(process, moved, moved.withFlags(moved.flags() & ~VmaFlags.UFFD_ANY), turn);
        }
        if (moved.has(VmaFlags.LOCKED) && newCount > from.count()) {
            Populating.populate(process, PageRange.between(target + from.count(), target + newCount), true, turn);
        }
        return null;
    }

    /** {@code copy_vma()}: page offsets stay, unless no anonymous page was ever there to know them. */
    private static VmaInfo copy(Process process, VmaInfo source, long page, long target, long count) {
        boolean faulted = !source.isAnonymous() || source.anonVma() != null;
        return new VmaInfo(process.newVmaId(0), target, target + count, faulted ? source.pageOffsetOf(page) : target, source.flags(),
                source.file(), source.anonVma(), source.policy(), source.homeNode());
    }

    /**
     * What MREMAP_DONTUNMAP leaves: not locked any more, even where only a part of the VMA was moved; without anon_vma, if
     * all of it was. Its pages stay in {@code locked_vm} for ever.
     */
    private static void emptied(Process process, VmaInfo left, PageRange from, VmaInfo arrived, Turn turn) {
        VmaInfo after = left.withFlags(left.flags() & ~VmaFlags.LOCKED_MASK);
        boolean whole = left.start() == from.start() && left.end() == from.end();
        if (whole && !left.id().equals(arrived.id())) {
            after = after.withAnonVma(null);
        }
        if (after.equals(left)) {
            return;
        }
        change(process, left, after, turn);
        if (left.has(VmaFlags.LOCKED)) {
            turn.run(() -> turn.emit(new ProcessEvents.LockedPagesLeaked(left.pages())));
        }
    }

    private static void change(Process process, VmaInfo before, VmaInfo after, Turn turn) {
        turn.run(() -> {
            turn.emit(new ProcessEvents.VmaChanged(before, after));
            Families.settle(process, List.of(before), turn);
        });
        turn.ask(after.id(), new VmaCommand.SetVma(after, PageRuns.NONE));
    }
}
