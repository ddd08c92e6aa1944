package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.numa.CollapseAllocation;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Finding;
import org.foliofleet.protocol.message.Collapse.HugeFolio;
import org.foliofleet.protocol.message.Collapse.Isolated;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Load;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.ProcessCommand.UnmapFile;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.policy.CollapsePolicies.CollapseInstallPmd;

/**
 * A block of a shmem file becomes one huge folio: {@code hpage_collapse_scan_file()}, {@code collapse_file()},
 * mm/khugepaged.c (R9.8, R9.9).
 *
 * <p>The kernel holds the locks of the old folios meanwhile, for which faults wait; here they wait for the file's
 * invalidate lock.
 */
final class FileCollapse {
    /** What the cache holds in the block: folios by node, and how many pages are missing or swapped out. */
    private record Block(List<PageRuns> folios, long missing, long swapped, Result result) {}

    private FileCollapse() {}

    static Result collapse(AddressSpace space, Collapse.File request, Turn turn) {
        long index = request.index();
        Limits limits = request.limits();
        // pages that are looked at stay in the cache until their nodes have answered
        turn.lock(AddressSpace.PAGES_LOCK, false);
        Block scanned = turn.step(() -> look(space, index));
        if (turn.step(() -> !space.shmem)) {
            return Result.VMA_CHECK;
        }
        if (limits.khugepaged() && scanned.swapped() > limits.maxPtesSwap()) {
            return Result.EXCEED_SWAP_PTE;
        }
        if (scanned.result() != Result.SUCCEED) {
            return scanned.result();
        }
        List<Load> loads = new ArrayList<>();
        Result scan = inspect(scanned, loads, turn);
        if (scan != Result.SUCCEED) {
            return scan;
        }
        turn.unlock(AddressSpace.PAGES_LOCK);
        if (limits.khugepaged() && PageOrder.PMD_PAGES - scanned.missing() - scanned.swapped() < PageOrder.PMD_PAGES - limits.maxPtesNone()) {
            return Result.EXCEED_NONE_PTE;
        }
        long frame = CollapseAllocation.allocate(loads, request.task().cgroup(), limits.khugepaged(), turn);
        if (frame < 0) {
            return frame == CollapseAllocation.NONE ? Result.ALLOC_HUGE_PAGE_FAIL : Result.CGROUP_CHARGE_FAIL;
        }
        Result result = replace(space, request, frame, turn);
        if (result != Result.SUCCEED) {
            turn.run(() -> turn.send(new NumaNodeId(Frame.node(frame)), new Collapse.GiveBack(frame)));
            return result;
        }
        return limits.khugepaged() ? Result.SUCCEED : Result.PTE_MAPPED_HUGEPAGE;
    }

    private static Block look(AddressSpace space, long index) {
        PageRuns folios = CacheMessages.cached(space, index, index + PageOrder.PMD_PAGES);
        long[] counts = new long[2];
        boolean[] huge = new boolean[1];
        space.pages.forEachWithGaps(index, index + PageOrder.PMD_PAGES, (start, count, page) -> {
            if (page == null) {
                counts[0] += count;
            } else if (page.swapped()) {
                counts[1] += count;
            } else {
                huge[0] |= page.order() == PageOrder.PMD;
            }
        });
        return new Block(CacheMessages.byNode(folios), counts[0], counts[1], huge[0] ? Result.PTE_MAPPED_HUGEPAGE : Result.SUCCEED);
    }

    private static Result inspect(Block scanned, List<Load> loads, Turn turn) {
        List<NumaNodeId> nodes = nodes(scanned.folios());
        List<Collapse.Inspect> requests = scanned.folios().stream().map(Collapse.Inspect::new).toList();
        TreeMap<Integer, Long> folios = new TreeMap<>();
        List<List<Finding>> answers = turn.askAll(nodes, requests);
        for (int i = 0; i < answers.size(); i++) {
            for (Finding finding : answers.get(i)) {
                if (finding.result() != Result.SUCCEED) {
                    return finding.result();
                }
                folios.merge(nodes.get(i).number(), finding.count(), Long::sum);
            }
        }
        folios.forEach((node, pages) -> loads.add(new Load(node, pages)));
        return Result.SUCCEED;
    }

    private static List<NumaNodeId> nodes(List<PageRuns> parts) {
        return parts.stream().map(runs -> new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))))).toList();
    }

    /** {@code collapse_file()} after the allocation. */
    private static Result replace(AddressSpace space, Collapse.File request, long frame, Turn turn) {
        long index = request.index();
        turn.lock(AddressSpace.INVALIDATE_LOCK, true);
        if (!swapIn(space, index, request.task(), turn)) {
            return Result.FAIL;
        }
        PageRange range = new PageRange(index, PageOrder.PMD_PAGES);
        turn.lock(AddressSpace.PAGES_LOCK, false);
        Block block = turn.step(() -> {
            turn.emit(new CacheEvents.MadeUptodate(index, PageOrder.PMD_PAGES));
            return look(space, index);
        });
        if (block.result() != Result.SUCCEED) {
            return block.result();
        }
        if (block.missing() == PageOrder.PMD_PAGES) {
            return Result.TRUNCATED;
        }
        if (block.swapped() > 0) {
            return Result.FAIL;
        }
        List<NumaNodeId> nodes = nodes(block.folios());
        List<Isolated> isolated = turn.askAll(nodes, block.folios().stream().map(runs -> new Collapse.Isolate(runs, Limits.MADVISE)).toList());
        Result failed = isolated.stream().map(Isolated::result).filter(result -> result != Result.SUCCEED).findFirst().orElse(null);
        if (failed != null) {
            turn.run(() -> putBack(nodes, block, isolated, turn));
            return failed;
        }
        turn.unlock(AddressSpace.PAGES_LOCK);
        List<ProcessId> mappers = turn.step(space::mappers);
        AddressSpaceId file = (AddressSpaceId) space.id();
        turn.askAll(mappers, mappers.stream().map(mapper -> new UnmapFile(file, range, false)).toList());
        List<ContentRuns> contents = turn.askAll(nodes, block.folios().stream().map(NumaNodeCommand.ReadContents::new).toList());
        boolean watched = block.missing() > 0
                && turn.askAll(mappers, mappers.stream().map(mapper -> new Collapse.WatchesHoles(file, index)).toList()).contains(true);
        Result result = turn.step(() -> {
            Result end = watched ? Result.EXCEED_NONE_PTE : look(space, index).equals(block) ? Result.SUCCEED : Result.PAGE_FILLED;
            if (end == Result.SUCCEED) {
                commit(space, index, frame, nodes, block, contents, turn);
            } else {
                putBack(nodes, block, isolated, turn);
            }
            return end;
        });
        if (result == Result.SUCCEED) {
            turn.askAll(mappers, mappers.stream().map(mapper -> new Collapse.Retract(file, index)).toList());
            if (turn.step(() -> turn.context().settings().policies().collapse().collapseInstallPmd() == CollapseInstallPmd.ALWAYS)) {
                turn.askAll(mappers, mappers.stream().map(mapper -> new Collapse.InstallEverywhere(file, index)).toList());
            }
        }
        return result;
    }

    /** Reads what is swapped out; false if there is no memory for it. */
    private static boolean swapIn(AddressSpace space, long index, TaskContext task, Turn turn) {
        long end = index + PageOrder.PMD_PAGES;
        while (true) {
            CacheFill.Need need = turn.step(() -> {
                for (long at = space.pages.nextKey(index); at < end; at = space.pages.nextKey(space.pages.runEnd(at))) {
                    if (space.pages.get(at).swapped()) {
                        return CacheSwap.need(space, at, end, false);
                    }
                }
                return null;
            });
            if (need == null) {
                return true;
            }
            if (CacheFill.fill(space, need, task, true, turn).isEmpty()) {
                return false;
            }
        }
    }

    private static void putBack(List<NumaNodeId> nodes, Block block, List<Isolated> isolated, Turn turn) {
        for (int i = 0; i < nodes.size(); i++) {
            if (isolated.get(i).result() == Result.SUCCEED) {
                turn.send(nodes.get(i), new Collapse.PutBack(block.folios().get(i)));
            }
        }
    }

    /** The new folio takes the place of the old ones. Within a step. */
    private static void commit(AddressSpace space, long index, long frame, List<NumaNodeId> nodes, Block block, List<ContentRuns> contents,
            Turn turn) {
        turn.send(new NumaNodeId(Frame.node(frame)), new Collapse.CacheNew((AddressSpaceId) space.id(), index, frame,
                filled(index, block, contents)));
        for (int i = 0; i < nodes.size(); i++) {
            turn.send(nodes.get(i), new Collapse.ReplaceCached(block.folios().get(i)));
        }
        turn.emit(new CacheEvents.PagesSet(index, PageOrder.PMD_PAGES, CachePage.folio(index, frame, PageOrder.PMD, true)));
    }

    /** The contents of the whole block, with zeroes for what was missing. */
    private static ContentRuns filled(long index, Block block, List<ContentRuns> contents) {
        List<ContentRuns.Run> all = new ArrayList<>();
        long next = index;
        for (int i = 0; i < contents.size(); i++) {
            PageRuns runs = block.folios().get(i);
            int run = 0;
            for (ContentRuns.Run content : contents.get(i).runs()) {
                if (runs.end(run) <= next) {
                    run++;
                }
                if (runs.start(run) > next) {
                    all.add(new ContentRuns.Run(runs.start(run) - next, 0, -1));
                    next = runs.start(run);
                }
                all.add(content);
                next += content.count();
            }
        }
        all.add(new ContentRuns.Run(index + PageOrder.PMD_PAGES - next, 0, -1));
        return new ContentRuns(all);
    }

    static Long hugeFolio(AddressSpace space, HugeFolio request, Turn turn) {
        CachePage page = space.pages.get(request.index());
        if (page == null || page.swapped()) {
            return HugeFolio.NO_PAGE;
        }
        return page.order() == PageOrder.PMD ? page.frame(request.index()) : HugeFolio.OTHER_SIZE;
    }

    /**
     * The kernel's new entry is clean, as no fault said that it is for a write. It is writable where {@code vm_page_prot} is:
     * shared mappings of shmem want no notice of first writes (C9.k).
     */
    static FolioCommand.StillMapped mapHuge(AddressSpace space, Collapse.MapHuge request, Turn turn) {
        long block = request.block();
        CachePage page = space.pages.get(request.vma().pageOffsetOf(block));
        if (page == null || page.order() != PageOrder.PMD || page.frame(request.vma().pageOffsetOf(block)) != request.frame()) {
            return new FolioCommand.StillMapped(PageRuns.NONE);
        }
        boolean writable = space.shmem && request.vma().has(VmaFlags.WRITE) && request.vma().has(VmaFlags.SHARED);
        int write = writable && !request.collapsed() ? Pte.WRITE : writable ? switch (turn.context().settings().policies().collapse().collapsePmdWritable()) {
            case PAGE_PROT -> Pte.WRITE;
            case READ_ONLY -> 0;
            case VMA_PROT -> Pte.WRITE | Pte.DIRTY;
        } : 0;
        int flags = Pte.PMD | Pte.YOUNG | (space.shmem ? Pte.SHMEM : 0) | write;
        PageRuns entries = PageRuns.of(block, PageOrder.PMD_PAGES, Pte.present(block, request.frame(), PageOrder.PMD, flags));
        boolean locked = request.vma().has(VmaFlags.LOCKED) && !request.vma().has(VmaFlags.SPECIAL);
        turn.send(new NumaNodeId(Frame.node(request.frame())), new NumaNodeCommand.MapCache(request.vma().id().process(), entries, locked, false));
        return new FolioCommand.StillMapped(entries);
    }
}
