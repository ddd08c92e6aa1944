package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Userfault.Fill;
import org.foliofleet.protocol.message.Userfault.FillCache;
import org.foliofleet.protocol.message.Userfault.FilledCache;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Errno;

/** {@code shmem_mfill_atomic_pte()} and {@code mfill_atomic_pte_continue()} on the side of the file (R13.3, R13.5). */
final class UserfaultCache {
    /** How many of the pages can be had at once, what must come to be first, and why the one after them can not. */
    private record Look(long pages, CacheFill.Need need, Errno errno) {}

    private UserfaultCache() {}

    static FilledCache fill(AddressSpace space, FillCache request, Turn turn) {
        turn.lock(AddressSpace.INVALIDATE_LOCK, false);
        turn.lock(AddressSpace.PAGES_LOCK, false);
        VmaInfo vma = request.vma();
        long index = vma.pageOffsetOf(request.range().start());
        long end = index + request.range().count();
        boolean cached = request.fill() == Fill.CONTINUE;
        Look look = turn.step(() -> cached ? cached(space, index, end, turn) : holes(space, index, end));
        while (look.need() != null) {
            FrameRuns made = CacheFill.fill(space, look.need(), request.task(), true, turn);
            boolean filled = !made.isEmpty();
            if (!filled && !CacheFill.await(space, look.need(), made, request.task(), vma.id().process(), turn)) {
                return new FilledCache(PageRuns.NONE, Errno.ENOMEM);
            }
            if (filled && !cached) {
                break;
            }
            look = turn.step(() -> cached ? cached(space, index, end, turn) : holes(space, index, end));
        }
        Look found = look;
        if (found.pages() == 0) {
            return new FilledCache(PageRuns.NONE, found.errno());
        }
        return turn.step(() -> new FilledCache(map(space, request, index, found.pages(), turn), found.errno()));
    }

    /** The pages that are in the cache. Within a step. */
    private static Look cached(AddressSpace space, long index, long end, Turn turn) {
        long at = index;
        while (at < end) {
            CachePage page = space.pages.get(at);
            if (at >= space.size || page == null) {
                return new Look(at - index, null, at >= space.size ? Errno.EINVAL : Errno.EFAULT);
            }
            if (page.swapped()) {
                return at > index ? new Look(at - index, null, null) : new Look(0, CacheSwap.need(space, at, end, true), null);
            }
            if (!page.uptodate()) {
                turn.emit(new CacheEvents.MadeUptodate(page.head(at), PageOrder.pages(page.order())));
            }
            at = Math.min(end, page.next(at));
        }
        return new Look(Math.min(end, space.size) - index, null, end > space.size ? Errno.EINVAL : null);
    }

    /** The pages that are not. Within a step. */
    private static Look holes(AddressSpace space, long index, long end) {
        long until = Math.min(Math.min(end, space.size), space.pages.get(index) != null ? index : space.pages.nextKey(index));
        long pages = Math.max(0, until - index);
        Errno errno = index + pages == end ? null : index + pages >= space.size ? Errno.EFAULT : Errno.EEXIST;
        return new Look(pages, pages == 0 ? null : new CacheFill.Need(index, 0, FrameRuns.of(index, pages)), errno);
    }

    /** {@code mfill_atomic_install_pte()}: counts the mappings. Within a step. */
    private static PageRuns map(AddressSpace space, FillCache request, long index, long pages, Turn turn) {
        VmaInfo vma = request.vma();
        int flags = Pte.YOUNG | Pte.DIRTY | Pte.SHMEM;
        if (request.writeProtect()) {
            flags |= Pte.UFFD_WP;
        } else if (vma.has(VmaFlags.WRITE) && vma.has(VmaFlags.SHARED)) {
            flags |= Pte.WRITE;
        }
        PageRuns.Builder small = PageRuns.builder();
        PageRuns.Builder large = PageRuns.builder();
        PageRuns.Builder entries = PageRuns.builder();
        int all = flags;
        boolean[] ended = {false};
        space.pages.forEach(index, index + pages, (start, count, page) -> {
            ended[0] |= page.swapped();
            if (!ended[0]) {
                Pte entry = new Pte(Pte.State.PRESENT, page.delta() + vma.pageOffset() - vma.start(), page.order(), all);
                (page.order() == 0 ? small : large).add(vma.addressOf(start), count, entry);
                entries.add(vma.addressOf(start), count, entry);
            }
        });
        boolean locked = vma.has(VmaFlags.LOCKED) && !vma.has(VmaFlags.SPECIAL);
        PageRuns mapped = entries.build();
        for (PageRuns runs : CacheMessages.byNode(mapped)) {
            if (request.fill() == Fill.COPY) {
                turn.send(CacheMessages.nodeOf(runs), new NumaNodeCommand.StoreContents(runs, request.content().tag(), request.content().same()));
            }
        }
        for (PageRuns runs : CacheMessages.byNode(small.build())) {
            turn.send(CacheMessages.nodeOf(runs), new NumaNodeCommand.MapCache(vma.id().process(), runs, locked, false));
        }
        for (PageRuns runs : CacheMessages.byNode(large.build())) {
            turn.send(CacheMessages.nodeOf(runs), new NumaNodeCommand.MapCache(vma.id().process(), runs, false, false));
        }
        return mapped;
    }
}
