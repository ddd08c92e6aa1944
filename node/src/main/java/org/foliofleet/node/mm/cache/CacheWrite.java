package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.KernelSettings.ShmemHuge;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand.Fallocate;
import org.foliofleet.protocol.message.AddressSpaceCommand.Pwrite;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.Errno;

/** {@code generic_perform_write()} with {@code shmem_write_begin()} and {@code _end()}, and {@code shmem_fallocate()}. */
final class CacheWrite {
    /** How far a call got, and what it needs to go on; null at its end. */
    private record Progress(long next, CacheFill.Need need) {}

    private CacheWrite() {}

    static CallResult pwrite(AddressSpace space, Pwrite write, Turn turn) {
        turn.lock(AddressSpace.INODE_LOCK, true);
        turn.lock(AddressSpace.INVALIDATE_LOCK, false);
        turn.lock(AddressSpace.PAGES_LOCK, false);
        long end = write.range().end();
        for (long index = write.range().start(); index < end;) {
            long from = index;
            Progress progress = turn.step(() -> store(space, from, end, write.content(), turn));
            if (progress.need() != null) {
                FrameRuns made = CacheFill.fill(space, progress.need(), write.task(), false, turn);
                if (made.isEmpty() && !CacheFill.await(space, progress.need(), made, write.task(), PageAllocation.NOBODY, turn)) {
                    return new CallResult.Failed(Errno.ENOMEM);
                }
            }
            index = progress.next();
        }
        return CallResult.OK;
    }

    /** Writes into the pages that are in the cache, up to the first that is not. */
    private static Progress store(AddressSpace space, long from, long end, ContentTag content, Turn turn) {
        long next = from;
        while (next < end) {
            CachePage page = space.pages.get(next);
            if (page == null || page.swapped()) {
                break;
            }
            if (!page.uptodate()) {
                turn.emit(new CacheEvents.MadeUptodate(page.head(next), PageOrder.pages(page.order())));
            }
            next = Math.min(end, page.next(next));
        }
        if (next > from) {
            CacheMessages.tell(space, from, next, runs -> new NumaNodeCommand.StoreContents(runs, content.tag(), content.same()), turn);
            CacheMessages.tell(space, from, next, NumaNodeCommand.MarkDirty::new, turn);
            if (next > space.size) {
                // what is written is the first bytes of each page
                turn.emit(new CacheEvents.Resized(next, true));
            }
        }
        return new Progress(next, next == end ? null : need(space, next, end, true, turn.context().settings()));
    }

    /** @param paged the call is one of a page each */
    private static CacheFill.Need need(AddressSpace space, long index, long end, boolean paged, KernelSettings settings) {
        if (space.pages.get(index) != null) {
            return CacheSwap.need(space, index, end, false);
        }
        if (!space.shmem) {
            return CacheFill.holes(space, index, Math.min(end, space.pages.nextKey(index)));
        }
        int allowed = ShmemOrders.forCall(settings, index, space.size, paged ? index + 1 : end);
        int orders = CacheFill.withoutConflict(space, index, allowed);
        boolean small = settings.shmem() == ShmemHuge.NEVER || settings.shmem() == ShmemHuge.ADVISE || settings.shmem() == ShmemHuge.DENY;
        return new CacheFill.Need(index, orders, CacheFill.holes(space, index, small ? Math.min(end, space.pages.nextKey(index)) : index + 1).holes());
    }

    static CallResult fallocate(AddressSpace space, Fallocate allocate, Turn turn) {
        turn.lock(AddressSpace.INODE_LOCK, true);
        turn.lock(AddressSpace.INVALIDATE_LOCK, false);
        turn.lock(AddressSpace.PAGES_LOCK, false);
        long end = allocate.range().end();
        if (allocate.range().isEmpty()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        FrameRuns made = FrameRuns.NONE;
        for (long index = allocate.range().start(); index < end;) {
            long from = index;
            FrameRuns fresh = made;
            Progress progress = turn.step(() -> reserve(space, from, end, fresh, turn));
            if (progress.need() != null) {
                made = CacheFill.fill(space, progress.need(), allocate.task(), false, turn);
                if (made.isEmpty() && !CacheFill.await(space, progress.need(), made, allocate.task(), PageAllocation.NOBODY, turn)) {
                    return new CallResult.Failed(Errno.ENOMEM);
                }
            }
            index = progress.next();
        }
        turn.run(() -> {
            if (end > space.wholePages()) {
                turn.emit(new CacheEvents.Resized(end, false));
            }
        });
        return CallResult.OK;
    }

    /**
     * Marks what is in the cache dirty, so that it is not just dropped, up to the first hole. Folios that an earlier
     * fallocate() made, and nobody used since, are initialized now.
     *
     * @param fresh file pages that this call made: they stay uninitialized
     */
    private static Progress reserve(AddressSpace space, long from, long end, FrameRuns fresh, Turn turn) {
        RunSet made = new RunSet();
        for (int i = 0; i < fresh.size(); i++) {
            made.add(fresh.start(i), fresh.count(i));
        }
        long next = from;
        while (next < end) {
            CachePage page = space.pages.get(next);
            if (page == null || page.swapped()) {
                break;
            }
            if (!page.uptodate() && !made.contains(next)) {
                turn.emit(new CacheEvents.MadeUptodate(page.head(next), PageOrder.pages(page.order())));
            }
            next = page.next(next);
        }
        if (next > from && space.shmem) {
            CacheMessages.tell(space, from, Math.min(next, end), NumaNodeCommand.MarkDirty::new, turn);
        }
        if (!space.shmem) {
            return new Progress(end, null);
        }
        return new Progress(next, next >= end ? null : need(space, next, end, false, turn.context().settings()));
    }
}
