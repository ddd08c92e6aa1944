package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.Result;

/** {@code try_to_unmap_one()} of swap-backed anonymous and of file folios, mm/rmap.c (R6.14). Within a step. */
final class TryToUnmap {
    private TryToUnmap() {}

    static Result toSwap(Vma vma, RmapWalk walk, long swapDelta, Turn turn) {
        RmapEntries.splitBeforeWalk(vma, walk, turn);
        if (RmapEntries.isLocked(vma)) {
            return RmapEntries.keepLocked(vma, walk, RmapEntries.find(vma, walk, Pte.State.PRESENT), turn);
        }
        PageRuns found = RmapEntries.findSplit(vma, walk, turn);
        if (found.isEmpty()) {
            return Result.NOTHING;
        }
        PageRuns.Builder builder = PageRuns.builder();
        for (int i = 0; i < found.size(); i++) {
            Pte entry = found.entry(i);
            builder.add(found.start(i), found.count(i),
                    new Pte(Pte.State.SWAP, entry.delta() + swapDelta, 0, entry.flags() & (Pte.EXCLUSIVE | Pte.UFFD_WP)));
        }
        PageRuns swapped = builder.build();
        turn.emit(new VmaEvents.EntriesSet(swapped));
        SwapEntries.duplicate(swapped, turn);
        turn.send(RmapEntries.node(walk), new FolioCommand.Unmapped(vma.mm(), found, false, true));
        return Result.NOTHING;
    }

    static Result file(Vma vma, RmapWalk walk, boolean ignoreMlock, Turn turn) {
        boolean locked = RmapEntries.isLocked(vma);
        RmapEntries.splitBeforeWalk(vma, walk, turn);
        if (locked && !ignoreMlock) {
            return RmapEntries.keepLocked(vma, walk, RmapEntries.find(vma, walk, Pte.State.PRESENT), turn);
        }
        PageRuns found = RmapEntries.findSplit(vma, walk, turn);
        for (int i = 0; i < found.size(); i++) {
            if (found.entry(i).has(Pte.UFFD_WP)) {
                turn.emit(new VmaEvents.EntrySet(found.start(i), found.count(i), Pte.UFFD_WP_MARKER));
            } else {
                turn.emit(new VmaEvents.EntriesCleared(found.start(i), found.count(i)));
            }
        }
        if (!found.isEmpty()) {
            turn.send(RmapEntries.node(walk), new FolioCommand.Unmapped(vma.mm(), found, locked, true));
        }
        return Result.NOTHING;
    }
}
