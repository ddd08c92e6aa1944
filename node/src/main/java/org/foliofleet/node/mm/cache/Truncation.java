package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AddressSpaceCommand.PunchHole;
import org.foliofleet.protocol.message.AddressSpaceCommand.Truncate;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.ProcessCommand.UnmapFile;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** {@code shmem_fallocate(PUNCH_HOLE)}, {@code shmem_setattr()}, {@code shmem_undo_range()}, mm/shmem.c; mm/truncate.c. */
final class Truncation {
    /** File pages end below this. */
    private static final long END = Long.MAX_VALUE / 2;

    private Truncation() {}

    static CallResult punchHole(AddressSpace space, PunchHole punch, Turn turn) {
        PageRange range = punch.range();
        if (range.isEmpty()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        turn.lock(AddressSpace.INODE_LOCK, true);
        turn.lock(AddressSpace.INVALIDATE_LOCK, true);
        unmap(space, range, false, turn);
        undoRange(space, range.start(), range.end(), turn);
        return CallResult.OK;
    }

    static CallResult truncate(AddressSpace space, Truncate truncate, Turn turn) {
        turn.lock(AddressSpace.INODE_LOCK, true);
        turn.lock(AddressSpace.INVALIDATE_LOCK, true);
        long size = truncate.pages();
        long before = turn.step(() -> {
            long old = space.size;
            // to the end of a page that the file ends in is to grow
            long compared = old == size ? space.wholePages() : old;
            if (old != size || space.endsInPage) {
                turn.emit(new CacheEvents.Resized(size, false));
            }
            return compared;
        });
        if (size <= before) {
            PageRange beyond = PageRange.between(size, END);
            if (size < before) {
                unmap(space, beyond, true, turn);
            }
            undoRange(space, size, END, turn);
            if (size < before) {
                // private copies that were made in the meantime
                unmap(space, beyond, true, turn);
            }
        }
        return CallResult.OK;
    }

    /** {@code shmem_evict_inode()}: nobody maps the object any more, or can. */
    static void evict(AddressSpace space, Turn turn) {
        turn.lock(AddressSpace.PAGES_LOCK, false);
        turn.run(() -> {
            dropWhole(space, 0, END, turn);
            turn.emit(new CacheEvents.Gone());
        });
    }

    /** {@code unmap_mapping_range()}; processes that were forked in the meantime follow on, like their VMAs in {@code i_mmap}. */
    private static void unmap(AddressSpace space, PageRange range, boolean evenCows, Turn turn) {
        List<ProcessId> done = List.of();
        while (true) {
            List<ProcessId> before = done;
            List<ProcessId> mappers = turn.step(() -> space.mappers().stream().filter(mapper -> !before.contains(mapper)).toList());
            if (mappers.isEmpty()) {
                return;
            }
            List<Command<Void>> requests = new ArrayList<>();
            for (int i = 0; i < mappers.size(); i++) {
                requests.add(new UnmapFile((AddressSpaceId) space.id(), range, evenCows));
            }
            turn.askAll(mappers, requests);
            List<ProcessId> all = new ArrayList<>(done);
            all.addAll(mappers);
            done = List.copyOf(all);
        }
    }

    /** {@code shmem_undo_range()}: takes the pages of {@code [from, to)} out, after they were unmapped. */
    private static void undoRange(AddressSpace space, long from, long to, Turn turn) {
        turn.lock(AddressSpace.PAGES_LOCK, false);
        readPartial(space, from, from, to, turn);
        readPartial(space, to - 1, from, to, turn);
        turn.run(() -> dropWhole(space, from, to, turn));
        long start = from;
        long end = to;
        Partial left = turn.step(() -> partial(space, from, turn));
        if (left != null && !truncatePartial(space, left, from, to, turn)) {
            start = left.next();
            if (to <= left.next()) {
                end = left.head();
            }
        }
        boolean sameFolio = left != null ? to <= left.next() : to - from == 1;
        if (!sameFolio && to < END) {
            Partial right = turn.step(() -> partial(space, to - 1, turn));
            if (right != null && !truncatePartial(space, right, from, to, turn)) {
                end = Math.min(end, right.head());
            }
        }
        dropAll(space, start, end, from, to, turn);
        turn.unlock(AddressSpace.PAGES_LOCK);
    }

    /** {@code shmem_get_partial_folio()}: a large folio that is in swap and reaches over the end of the range is read first. */
    private static void readPartial(AddressSpace space, long index, long from, long to, Turn turn) {
        CacheFill.Need need = turn.step(() -> {
            CachePage page = space.pages.get(index);
            boolean cut = page != null && page.swapped() && (page.head(index) < from || page.next(index) > to);
            return cut ? CacheSwap.need(space, index, index + 1, false) : null;
        });
        if (need != null) {
            CacheFill.fill(space, need, TaskContext.onNode(0), true, turn);
        }
    }

    /** A large folio that is cut. */
    private record Partial(long head, CachePage page) {
        long pages() {
            return PageOrder.pages(page.order());
        }

        long next() {
            return head + pages();
        }
    }

    /** {@code shmem_get_partial_folio()}: the folio that still holds the page; it is marked dirty. Within a step. */
    private static Partial partial(AddressSpace space, long index, Turn turn) {
        CachePage page = space.pages.get(index);
        if (page == null || page.swapped()) {
            return null;
        }
        long head = page.head(index);
        CacheMessages.tell(space, head, page.next(index), NumaNodeCommand.MarkDirty::new, turn);
        return new Partial(head, page);
    }

    /** Drops the folios that lie wholly in the range. Within a step. */
    private static void dropWhole(AddressSpace space, long from, long to, Turn turn) {
        for (long index = space.pages.nextKey(from); index < to;) {
            CachePage page = space.pages.get(index);
            long runEnd = Math.min(to, space.pages.runEnd(index));
            long whole = PageOrder.alignDown(runEnd, page.order());
            long first = PageOrder.alignUp(index, page.order());
            if (whole > first) {
                drop(space, first, whole - first, page, turn);
            }
            index = space.pages.nextKey(runEnd);
        }
    }

    /** {@code truncate_inode_folio()}. Within a step. */
    private static void drop(AddressSpace space, long index, long count, CachePage page, Turn turn) {
        if (page.swapped()) {
            turn.send(new SwapId(), new SwapCommand.Free(PageRuns.of(index, count, new Pte(Pte.State.SWAP, page.delta(), 0, 0))));
        } else {
            CacheMessages.drop(index, count, page, turn);
        }
        turn.emit(new CacheEvents.PagesCleared(index, count));
    }

    /** The last loop of {@code shmem_undo_range()}: whole folios go, what remains of large ones is cut again. */
    private static void dropAll(AddressSpace space, long start, long end, long from, long to, Turn turn) {
        for (long at = start; at < end;) {
            long index = at;
            Partial cut = turn.step(() -> {
                dropWhole(space, index, end, turn);
                long next = space.pages.nextKey(index);
                return next < end ? new Partial(space.pages.get(next).head(next), space.pages.get(next)) : null;
            });
            if (cut == null) {
                return;
            }
            truncatePartial(space, cut, from, to, turn);
            at = cut.next();
        }
    }

    /**
     * {@code truncate_inode_partial_folio()}: zeroes the part in {@code [from, to)} and splits the folio at its ends.
     *
     * @return false if the folio stays whole: somebody holds it
     */
    private static boolean truncatePartial(AddressSpace space, Partial folio, long from, long to, Turn turn) {
        long start = Math.max(from, folio.head());
        long end = Math.min(to, folio.next());
        if (end - start == folio.pages()) {
            turn.run(() -> drop(space, folio.head(), folio.pages(), folio.page(), turn));
            return true;
        }
        turn.run(() -> CacheMessages.tell(space, start, end, runs -> new NumaNodeCommand.StoreContents(runs, 0, true), turn));
        if (!CacheSplit.split(folio.head(), folio.page(), start, true, turn)) {
            return false;
        }
        if (end < folio.next()) {
            Partial second = turn.step(() -> {
                CachePage page = space.pages.get(end);
                return page == null || page.order() == 0 ? null : new Partial(page.head(end), page);
            });
            if (second != null) {
                CacheSplit.split(second.head(), second.page(), end, false, turn);
            }
        }
        return true;
    }
}
