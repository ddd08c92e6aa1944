package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.Protect;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code change_protection()}, mm/mprotect.c, and {@code can_change_pte_writable()} (R4.9, R7.12). */
final class Protection {
    private Protection() {}

    /** Gives the entries of a range what the VMA's flags allow them. Huge entries lie wholly inside of it. */
    static Void protect(Vma vma, Protect protect, Turn turn) {
        PageRuns.Builder changed = PageRuns.builder();
        int lost = lostByPmds(turn);
        vma.pages.forEach(protect.range().start(), protect.range().end(), (start, count, entry) -> {
            Pte after = protectedEntry(vma.info, entry);
            after = entry.isPmd() ? after.without(lost) : after;
            if (after != entry) {
                changed.add(start, count, after);
            }
        });
        if (!changed.isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(changed.build()));
        }
        return null;
    }

    /** What a change of its protection takes from a huge entry besides: the bug of switch pmd_protect_keeps_dirty (R7.12). */
    static int lostByPmds(Turn turn) {
        return turn.context().settings().policies().unmap().pmdProtectKeepsDirty() ? 0 : Pte.DIRTY;
    }

    private static Pte protectedEntry(VmaInfo info, Pte entry) {
        return switch (entry.state()) {
            case PRESENT -> isWritable(info, entry) ? entry.without(Pte.NUMA_HINT).with(Pte.WRITE) : entry.without(Pte.NUMA_HINT | Pte.WRITE);
            case MIGRATION -> entry.without(Pte.WRITE);
            default -> entry;
        };
    }

    /** Whether a present page may be writable at once, without a fault. */
    static boolean isWritable(VmaInfo info, Pte entry) {
        if (!info.has(VmaFlags.WRITE) || entry.has(Pte.UFFD_WP)) {
            return false;
        }
        if (info.isCow()) {
            return entry.isAnon() && entry.has(Pte.EXCLUSIVE);
        }
        boolean notifies = info.has(VmaFlags.UFFD_WP) || !entry.has(Pte.SHMEM);
        return !notifies || entry.has(Pte.DIRTY);
    }
}
