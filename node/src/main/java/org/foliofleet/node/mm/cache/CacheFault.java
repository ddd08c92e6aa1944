package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.policy.RefcountOverflow;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Turn;
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
    /** What a look at the cache led to: an error, pages that must come to be first, or an answer. */
    private record Look<R>(FaultError error, CacheFill.Need need, R answer) {}

    private CacheFault() {}

    static Mapped map(AddressSpace space, Fault fault, Turn turn) {
        turn.lock(AddressSpace.INVALIDATE_LOCK, false);
        turn.lock(AddressSpace.PAGES_LOCK, false);
        FrameRuns made = FrameRuns.NONE;
        while (true) {
            FrameRuns fresh = made;
            Look<FaultMapper.Plan> look = turn.step(() -> look(space, fault, fresh, turn));
            if (look.error() != null) {
                return new Mapped(look.error(), PageRuns.NONE, 0);
            }
            if (look.need() == null) {
                return commit(fault, look.answer(), turn);
            }
            made = CacheFill.fill(space, look.need(), fault.task(), true, turn);
            if (made.isEmpty() && !CacheFill.await(space, look.need(), made, fault.task(), fault.vma().id().process(), turn)) {
                return new Mapped(FaultError.OOM, PageRuns.NONE, 0);
            }
        }
    }

    /** Counts the mappings at the nodes. */
    private static Mapped commit(Fault fault, FaultMapper.Plan plan, Turn turn) {
        VmaInfo vma = fault.vma();
        PageRuns entries = plan.entries();
        if (turn.step(() -> turn.context().settings().policies().mapping().refcountOverflow() == RefcountOverflow.FAIL_FORK_AND_FAULT)) {
            for (PageRuns runs : CacheMessages.byNode(entries)) {
                if (!turn.ask(CacheMessages.nodeOf(runs), new NumaNodeCommand.MayMap(runs))) {
                    return new Mapped(FaultError.OOM, PageRuns.NONE, 0);
                }
            }
        }
        boolean locked = vma.has(VmaFlags.LOCKED) && !vma.has(VmaFlags.SPECIAL);
        turn.run(() -> {
            for (PageRuns runs : CacheMessages.byNode(plan.whole())) {
                turn.send(CacheMessages.nodeOf(runs), new NumaNodeCommand.MapCache(vma.id().process(), runs, locked, fault.write()));
            }
            for (PageRuns runs : CacheMessages.byNode(plan.parts())) {
                turn.send(CacheMessages.nodeOf(runs), new NumaNodeCommand.MapCache(vma.id().process(), runs, false, fault.write()));
            }
        });
        return new Mapped(null, entries, plan.faults());
    }

    /** Goes from faulting page to faulting page, page table by page table, as far as what is in the cache allows. */
    private static Look<FaultMapper.Plan> look(AddressSpace space, Fault fault, FrameRuns made, Turn turn) {
        VmaInfo vma = fault.vma();
        FaultMapper mapper = new FaultMapper(space, fault, turn.context().settings().faultAroundPages());
        RunSet fresh = new RunSet();
        if (space.shmem) {
            for (int i = 0; i < made.size(); i++) {
                fresh.add(made.start(i), made.count(i));
            }
        }
        long end = Math.min(fault.end(), vma.end());
        for (long page = fault.page(); page < end;) {
            mapper.enter(page);
            long limit = Math.min(end, PageOrder.alignDown(page, PageOrder.PMD) + PageOrder.PMD_PAGES);
            for (page = mapper.nextEmpty(page); page < limit; page = mapper.nextEmpty(page + 1)) {
                long index = vma.pageOffsetOf(page);
                CachePage cached = space.pages.get(index);
                boolean own = cached != null && fresh.contains(index) && (page == fault.page() || cached.order() == 0);
                FaultError error = error(space, vma, index, cached, own);
                if (error != null || cached == null || cached.swapped()) {
                    if (page > fault.page()) {
                        return new Look<>(null, null, mapper.plan());
                    }
                    return error != null ? new Look<>(error, null, null)
                            : new Look<>(null, need(space, fault, mapper, limit, turn), null);
                }
                if (mapper.mapsAround() && fresh.isEmpty()) {
                    long next = mapper.aroundAll(page, cached, limit);
                    if (next > page) {
                        page = next - 1;
                        continue;
                    }
                }
                mapper.beginFault();
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
        }
        return new Look<>(null, null, mapper.plan());
    }

    /**
     * Accesses beyond the end, and those that a userfaultfd wants to know of.
     *
     * @param own the access has made the page itself
     */
    private static FaultError error(AddressSpace space, VmaInfo vma, long index, CachePage cached, boolean own) {
        boolean wanted = !own && vma.has(cached == null ? VmaFlags.UFFD_MISSING : VmaFlags.UFFD_MINOR);
        return index >= space.size ? FaultError.SIGBUS : !wanted ? null : cached == null ? FaultError.UFFD_MISSING : FaultError.UFFD_MINOR;
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
        turn.lock(AddressSpace.PAGES_LOCK, false);
        VmaInfo vma = fault.vma();
        long index = vma.pageOffsetOf(fault.page());
        FrameRuns made = FrameRuns.NONE;
        while (true) {
            boolean fresh = !made.isEmpty();
            Look<Long> look = turn.step(() -> lookAtOriginals(space, fault, index, fresh, turn));
            if (look.error() != null) {
                return new Copied(look.error(), 0, ContentRuns.NONE);
            }
            if (look.need() != null) {
                made = CacheFill.fill(space, look.need(), fault.task(), true, turn);
                if (made.isEmpty() && !CacheFill.await(space, look.need(), made, fault.task(), vma.id().process(), turn)) {
                    return new Copied(FaultError.OOM, 0, ContentRuns.NONE);
                }
                continue;
            }
            long count = look.answer();
            List<PageRuns> parts = turn.step(() -> CacheMessages.byNode(CacheMessages.cached(space, index, index + count)));
            List<ContentRuns.Run> contents = new ArrayList<>();
            for (PageRuns part : parts) {
                contents.addAll(turn.ask(CacheMessages.nodeOf(part), new NumaNodeCommand.ReadContents(part)).runs());
            }
            return new Copied(null, count, new ContentRuns(contents));
        }
    }

    /**
     * How many pages can be copied at once.
     *
     * @param fresh the fault made the first of them itself
     */
    private static Look<Long> lookAtOriginals(AddressSpace space, CopyFault fault, long index, boolean fresh, Turn turn) {
        CachePage cached = space.pages.get(index);
        FaultError error = error(space, fault.vma(), index, cached, fresh);
        if (error != null) {
            return new Look<>(error, null, null);
        }
        long end = Math.min(index + fault.count(), space.size);
        if (cached == null || cached.swapped()) {
            return new Look<>(null, space.shmem
                    ? CacheFill.shmemNeed(space, fault.vma(), fault.task(), index, end, turn.context().settings())
                    : CacheFill.holes(space, index, end), null);
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
        return new Look<>(null, null, Math.min(at, end) - index);
    }
}
