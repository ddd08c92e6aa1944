package org.foliofleet.node.mm.process;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall.RelocateFlag;
import org.foliofleet.protocol.program.MemoryCall.UffdEvent;

/** {@code move_vma()}, {@code copy_vma()} and {@code dontunmap_complete()} of 6.18 (R7.36, R7.37). */
final class Moving {
    private Moving() {}

    /**
     * A range of one VMA that is moved into free space.
     *
     * @param from     the source; empty to map a shared object a second time
     * @param newCount pages of the target
     * @param keep     whether the source stays mapped, empty (MREMAP_DONTUNMAP)
     * @param wish     whether its folios shall be relocated
     * @param spans    the call moves more than this VMA
     */
    record Order(PageRange from, long newCount, long target, boolean keep, RelocateFlag wish, boolean spans) {
        long distance() {
            return target - from.start();
        }

        /** A part that goes where the whole would have brought it; the last takes what the whole grows by. */
        Order part(PageRange part) {
            boolean last = part.end() == from.end();
            long first = part.start() - from.start();
            return new Order(part, last ? newCount - first : part.count(), target + first, keep, wish, spans);
        }
    }

    static Errno move(Process process, Order order, Turn turn) {
        VmaInfo source = turn.step(() -> process.vmas.find(order.from().start()));
        if (source == null) {
            return Errno.EFAULT;
        }
        if (tooManyVmas(process, turn)) {
            return Errno.ENOMEM;
        }
        Errno refused = BoundaryFolios.beforeMove(process, source, order.from(), turn);
        if (refused != null) {
            return refused;
        }
        Relocating.Plan plan = Relocating.plan(process, source, order, turn);
        if (plan.error() != null) {
            return plan.error();
        }
        if (plan.parts().isEmpty()) {
            if (!KsmMm.unmerge(process, source, order.from(), turn)) {
                return Errno.ENOMEM;
            }
            return movePart(process, order, null, turn);
        }
        for (Relocating.Part part : plan.parts()) {
            if (!part.relocated() && !Relocating.unmergeKept(process, part.range(), turn)) {
                return Errno.ENOMEM;
            }
            Errno error = movePart(process, order.part(part.range()), part.relocated() ? plan.anonVma() : null, turn);
            if (error != null) {
                return error;
            }
        }
        Relocating.settleKsm(process, order, plan, turn);
        return null;
    }

    private static boolean tooManyVmas(Process process, Turn turn) {
        int limit = turn.context().settings().maxMapCount();
        return turn.step(() -> MapCount.refused(process.vmas.size() >= limit - 3, turn));
    }

    /** @param relocated where the folios belong already; null if they keep their offsets */
    private static Errno movePart(Process process, Order order, AnonVma relocated, Turn turn) {
        PageRange from = order.from();
        long target = order.target();
        VmaInfo copy = turn.step(() -> {
            VmaInfo source = process.vmas.find(from.start());
            return relocated == null ? copy(process, source, from.start(), target, order.newCount())
                    : relocatedCopy(process, source, target, order.newCount()).withAnonVma(relocated);
        });
        VmaInfo arrived = VmaEditing.addMerged(process, copy, relocated != null, turn);
        VmaInfo left = turn.step(() -> process.vmas.find(from.start()));
        boolean watched = turn.step(() -> UserfaultEvents.isWanted(process, UffdEvent.REMAP, left));
        if (!from.isEmpty()) {
            SharedTables.tell(process, left, from, turn);
            turn.lock(Process.STRUCTURE_LOCK, true);
            turn.ask(left.id(), new VmaCommand.MovePages(from, target, arrived, watched));
            turn.unlock(Process.STRUCTURE_LOCK);
        }
        if (order.keep()) {
            emptied(process, left, from, arrived, turn);
        } else if (!from.isEmpty()) {
            Unmapping.unmap(process, from, null, turn);
        }
        VmaInfo moved = turn.step(() -> process.vmas.find(target));
        if (moved.has(VmaFlags.UFFD_ANY) && !watched) {
            change(process, moved, moved.withFlags(moved.flags() & ~VmaFlags.UFFD_ANY), turn);
        }
        if (moved.has(VmaFlags.LOCKED) && order.newCount() > from.count()) {
            Populating.populate(process, PageRange.between(target + from.count(), target + order.newCount()), true, turn);
        }
        return null;
    }

    /** As if the memory had first been touched where it is now; it has no anon_vma yet. */
    static VmaInfo relocatedCopy(Process process, VmaInfo source, long target, long count) {
        return new VmaInfo(process.newVmaId(0), target, target + count, target, source.flags(), null, null, source.policy(), source.homeNode());
    }

    /** {@code copy_vma()}: page offsets stay, unless no anonymous page was ever there to know them. */
    static VmaInfo copy(Process process, VmaInfo source, long page, long target, long count) {
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
