package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand.Copied;
import org.foliofleet.protocol.message.AddressSpaceCommand.CopyFault;
import org.foliofleet.protocol.message.AddressSpaceCommand.Fault;
import org.foliofleet.protocol.message.AddressSpaceCommand.Mapped;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** Faults on file pages: {@code do_read_fault()}, {@code do_shared_fault()}, {@code do_cow_fault()}, mm/memory.c. */
final class CacheFault {
    /** What a look at the cache led to: an answer, or pages that must come to be first. */
    private record Look<R>(R answer, CacheFill.Need need) {}

    private CacheFault() {}

    static Mapped map(AddressSpace space, Fault fault, Turn turn) {
        turn.lock(AddressSpace.INVALIDATE_LOCK, false);
        int window = turn.context().settings().faultAroundPages();
        FrameRuns made = FrameRuns.NONE;
        while (true) {
            FrameRuns fresh = made;
            Look<Mapped> look = turn.step(() -> look(space, fault, fresh, window, turn));
            if (look.need() == null) {
                return look.answer();
            }
            made = CacheFill.fill(space, look.need(), fault.task(), true, turn);
            if (made.isEmpty()) {
                return new Mapped(FaultError.OOM, PageRuns.NONE);
            }
        }
    }

    /** Goes from faulting page to faulting page as far as what is in the cache allows. */
    private static Look<Mapped> look(AddressSpace space, Fault fault, FrameRuns made, int window, Turn turn) {
        VmaInfo vma = fault.vma();
        FaultMapper mapper = new FaultMapper(space, fault, window);
        RunSet fresh = new RunSet();
        if (space.shmem) {
            for (int i = 0; i < made.size(); i++) {
                fresh.add(made.start(i), made.count(i));
            }
        }
        long limit = Math.min(Math.min(fault.end(), vma.end()), PageOrder.alignDown(fault.page(), PageOrder.PMD) + PageOrder.PMD_PAGES);
        for (long page = fault.page(); page < limit; page = mapper.nextEmpty(page + 1)) {
            long index = vma.pageOffsetOf(page);
            CachePage cached = space.pages.get(index);
            FaultError error = error(space, vma, index, cached);
            if (error != null || cached == null || cached.swapped()) {
                if (page > fault.page()) {
                    break;
                }
                return error != null ? new Look<>(new Mapped(error, PageRuns.NONE), null)
                        : new Look<>(null, need(space, fault, mapper, limit, turn));
            }
            boolean absent = !cached.uptodate() || fresh.contains(index);
            if (mapper.mapsAround()) {
                mapper.around(page, fresh);
            }
            if (!cached.uptodate()) {
                turn.emit(new CacheEvents.MadeUptodate(cached.head(index), PageOrder.pages(cached.order())));
            }
            if (absent || mapper.nextEmpty(page) == page) {
                mapper.finish(page, cached.withUptodate());
            }
        }
        return new Look<>(new Mapped(null, mapper.commit(turn)), null);
    }

    /** Accesses beyond the end, and those that a userfaultfd wants to know of. */
    private static FaultError error(AddressSpace space, VmaInfo vma, long index, CachePage cached) {
        boolean wanted = vma.has(cached == null ? VmaFlags.UFFD_MISSING : VmaFlags.UFFD_MINOR);
        return index >= space.size || wanted ? FaultError.SIGBUS : null;
    }

    private static CacheFill.Need need(AddressSpace space, Fault fault, FaultMapper mapper, long limit, Turn turn) {
        VmaInfo vma = fault.vma();
        long index = vma.pageOffsetOf(fault.page());
        long end = Math.min(vma.pageOffsetOf(limit), space.size);
        if (space.shmem) {
            return CacheFill.shmemNeed(space, vma, fault.task(), index, end, turn.context().settings());
        }
        // all pages of a regular file count as cached: those around the fault are there as well
        if (mapper.mapsAround()) {
            long from = vma.pageOffsetOf(mapper.windowStart(fault.page()));
            long to = Math.min(vma.pageOffsetOf(mapper.windowEnd(limit - 1)), space.size);
            return CacheFill.holes(space, from, to);
        }
        return CacheFill.holes(space, index, end);
    }

    static Copied copy(AddressSpace space, CopyFault fault, Turn turn) {
        turn.lock(AddressSpace.INVALIDATE_LOCK, false);
        VmaInfo vma = fault.vma();
        long index = vma.pageOffsetOf(fault.page());
        while (true) {
            Look<Copied> look = turn.step(() -> lookAtOriginals(space, fault, index, turn));
            if (look.need() != null) {
                if (CacheFill.fill(space, look.need(), fault.task(), true, turn).isEmpty()) {
                    return new Copied(FaultError.OOM, 0, ContentRuns.NONE);
                }
                continue;
            }
            if (look.answer().error() != null) {
                return look.answer();
            }
            long count = look.answer().count();
            List<PageRuns> parts = turn.step(() -> CacheMessages.byNode(CacheMessages.cached(space, index, index + count)));
            List<ContentRuns.Run> contents = new ArrayList<>();
            for (PageRuns part : parts) {
                NumaNodeId node = new NumaNodeId(Frame.node(part.entry(0).frame(part.start(0))));
                contents.addAll(turn.ask(node, new NumaNodeCommand.ReadContents(part)).runs());
            }
            return new Copied(null, count, new ContentRuns(contents));
        }
    }

    private static Look<Copied> lookAtOriginals(AddressSpace space, CopyFault fault, long index, Turn turn) {
        CachePage cached = space.pages.get(index);
        FaultError error = error(space, fault.vma(), index, cached);
        if (error != null) {
            return new Look<>(new Copied(error, 0, ContentRuns.NONE), null);
        }
        long end = Math.min(index + fault.count(), space.size);
        if (cached == null || cached.swapped()) {
            return new Look<>(null, space.shmem
                    ? CacheFill.shmemNeed(space, fault.vma(), fault.task(), index, end, turn.context().settings())
                    : CacheFill.holes(space, index, end));
        }
        long at = index;
        while (at < end) {
            CachePage page = space.pages.get(at);
            if (page == null || page.swapped()) {
                break;
            }
            if (!page.uptodate()) {
                turn.emit(new CacheEvents.MadeUptodate(page.head(at), PageOrder.pages(page.order())));
            }
            at = page.next(at);
        }
        return new Look<>(new Copied(null, Math.min(at, end) - index, ContentRuns.NONE), null);
    }
}
