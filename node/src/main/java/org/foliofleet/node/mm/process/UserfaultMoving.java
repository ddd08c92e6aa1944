package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.Userfault.Described;
import org.foliofleet.protocol.message.Userfault.MovedOut;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** UFFDIO_MOVE: {@code move_pages()}, mm/userfaultfd.c (R7.39, R13.6). */
final class UserfaultMoving {
    /** Parts after which the flight goes on with an empty log. */
    private static final int PARTS_PER_FLIGHT = 16;

    private UserfaultMoving() {}

    static CallResult move(Process process, MemoryCall.UffdMove call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        if (turn.step(() -> !process.userfaultfd)) {
            return Userfaultfd.failed(Errno.EBADF);
        }
        if (call.count() == 0) {
            return Userfaultfd.failed(Errno.EINVAL);
        }
        VmaInfo target = Userfaultfd.destination(process, call.destination(), turn);
        VmaInfo source = turn.step(() -> process.vmas.find(call.source()));
        if (target == null || source == null) {
            return Userfaultfd.failed(Errno.ENOENT);
        }
        if (!isMovable(source, target, call)) {
            return Userfaultfd.failed(Errno.EINVAL);
        }
        SharedTables.tell(process, source, new PageRange(call.source(), call.count()), turn);
        SharedTables.tell(process, target, new PageRange(call.destination(), call.count()), turn);
        return rest(process, new Userfault.MoveRest(call, 0), turn);
    }

    /** {@code validate_move_areas()}, and that each range lies in one VMA. */
    private static boolean isMovable(VmaInfo source, VmaInfo target, MemoryCall.UffdMove call) {
        long differ = source.flags() ^ target.flags();
        return !source.has(VmaFlags.SHARED) && !target.has(VmaFlags.SHARED)
                && call.source() + call.count() <= source.end() && call.destination() + call.count() <= target.end()
                && (differ & (VmaFlags.ACCESS | VmaFlags.LOCKED)) == 0 && source.has(VmaFlags.WRITE)
                && !source.has(VmaFlags.PFNMAP | VmaFlags.IO | VmaFlags.MIXEDMAP) && !target.has(VmaFlags.PFNMAP | VmaFlags.IO | VmaFlags.MIXEDMAP)
                && target.has(VmaFlags.UFFD_ANY) && source.isAnonymous() && target.isAnonymous();
    }

    /** The pages that are left. Has {@code mmap_lock}. */
    static CallResult rest(Process process, Userfault.MoveRest rest, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        MemoryCall.UffdMove call = rest.call();
        long moved = rest.moved();
        for (int parts = 0; moved < call.count(); parts++) {
            if (parts == PARTS_PER_FLIGHT) {
                return turn.continueAs(new Userfault.MoveRest(call, moved));
            }
            long page = call.source() + moved;
            long to = call.destination() + moved;
            VmaInfo source = turn.step(() -> process.vmas.find(page));
            VmaInfo target = turn.step(() -> process.vmas.find(to));
            PageRange range = new PageRange(page, call.count() - moved);
            turn.lock(Process.STRUCTURE_LOCK, true);
            Described there = turn.ask(target.id(), new Userfault.Describe(new PageRange(to, range.count())));
            MovedOut out = turn.ask(source.id(), new Userfault.MoveOut(range, to, target, there));
            turn.unlock(Process.STRUCTURE_LOCK);
            moved += out.pages();
            Errno errno = switch (out.next()) {
                case GO_ON -> null;
                case FAIL -> out.errno();
                case MIGRATION -> {
                    turn.ask(source.id(), new Userfault.AwaitMigration(page));
                    yield null;
                }
                case SPLIT -> split(out.entry(), page, turn);
            };
            if (errno != null) {
                return Userfaultfd.failed(moved > 0 ? Errno.EAGAIN : errno);
            }
        }
        return CallResult.OK;
    }

    /** Where the kernel tries to split a folio until nobody else refers to it, the call fails here. */
    private static Errno split(Pte entry, long page, Turn turn) {
        SplitOutcome outcome = turn.ask(new NumaNodeId(Frame.node(entry.frame(page))),
                new FolioCommand.SplitFolio(entry.head(page), entry.order(), 0, -1, true, Unless.NEVER));
        return switch (outcome) {
            case SPLIT, GONE -> null;
            case INVALID -> Errno.EBUSY;
            default -> Errno.EAGAIN;
        };
    }
}
