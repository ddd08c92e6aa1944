package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.Guard;
import org.foliofleet.protocol.message.VmaCommand.Zap;

/** Guard markers in page tables: {@code guard_install_walk_ops} and {@code guard_remove_walk_ops}, mm/madvise.c (R7.10). */
final class GuardMarkers {
    private GuardMarkers() {}

    static Void guard(Vma vma, Guard guard, Turn turn) {
        long from = guard.range().start();
        long to = guard.range().end();
        if (!guard.install()) {
            turn.run(() -> remove(vma, from, to, turn));
            return null;
        }
        turn.run(() -> {
            if (!guard.info().equals(vma.info)) {
                turn.emit(new VmaEvents.InfoChanged(guard.info()));
            }
        });
        boolean occupied = turn.step(() -> isOccupied(vma, from, to));
        if (occupied) {
            Zapping.zap(vma, new Zap(guard.range(), false), turn);
        }
        turn.run(() -> turn.emit(new VmaEvents.EntrySet(from, to - from, Pte.GUARD_MARKER)));
        return null;
    }

    private static boolean isOccupied(Vma vma, long from, long to) {
        boolean[] occupied = {false};
        vma.pages.forEach(from, to, (start, count, entry) -> occupied[0] |= entry.state() != Pte.State.GUARD);
        return occupied[0];
    }

    private static void remove(Vma vma, long from, long to, Turn turn) {
        for (long at = vma.pages.nextKey(from); at < to;) {
            long end = Math.min(to, vma.pages.runEnd(at));
            if (vma.pages.get(at).state() == Pte.State.GUARD) {
                turn.emit(new VmaEvents.EntriesCleared(at, end - at));
            }
            at = vma.pages.nextKey(end);
        }
    }
}
