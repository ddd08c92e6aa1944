package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.vma.ThpEligibility;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Load;
import org.foliofleet.protocol.message.Collapse.Outcome;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Collapse.Scanned;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * One block of 2 MiB becomes a THP: {@code hpage_collapse_scan_pmd()} and {@code collapse_huge_page()}, mm/khugepaged.c
 * (R9.3 to R9.6). Serves MADV_COLLAPSE and khugepaged.
 */
final class BlockCollapse {
    /** What {@code hugepage_vma_revalidate()} found: a VMA, or why it does not do. */
    private record Found(VmaInfo vma, Result result) {}

    private BlockCollapse() {}

    static Outcome collapse(Process process, Collapse.Block request, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        Found found = turn.step(() -> revalidate(process, request, turn));
        if (found.result() != Result.SUCCEED) {
            return new Outcome(found.result(), request.lruBatch());
        }
        Scanned scanned = turn.ask(found.vma().id(), new Collapse.Scan(request.block(), request.limits()));
        turn.unlock(Process.MMAP_LOCK);
        if (scanned.result() != Result.SUCCEED) {
            return new Outcome(scanned.result(), request.lruBatch());
        }
        long frame = allocate(scanned.loads(), turn);
        if (frame < 0) {
            return new Outcome(Result.ALLOC_HUGE_PAGE_FAIL, request.lruBatch());
        }
        Outcome outcome = replace(process, request, scanned, frame, turn);
        if (outcome.result() != Result.SUCCEED) {
            turn.run(() -> turn.send(new NumaNodeId(Frame.node(frame)), new Collapse.GiveBack(frame)));
        }
        return outcome;
    }

    private static Outcome replace(Process process, Collapse.Block request, Scanned scanned, long frame, Turn turn) {
        int lruBatch = request.lruBatch();
        turn.lock(Process.MMAP_LOCK, false);
        Found found = turn.step(() -> revalidate(process, request, turn));
        if (found.result() != Result.SUCCEED) {
            return new Outcome(found.result(), lruBatch);
        }
        if (scanned.swapped() > 0) {
            TaskContext task = turn.step(() -> process.task);
            Result result = turn.ask(found.vma().id(), new Collapse.SwapIn(request.block(), task));
            lruBatch = 0;
            if (result != Result.SUCCEED) {
                return new Outcome(result, lruBatch);
            }
        }
        turn.unlock(Process.MMAP_LOCK);
        turn.lock(Process.MMAP_LOCK, true);
        Found last = turn.step(() -> revalidate(process, request, turn));
        if (last.result() != Result.SUCCEED) {
            return new Outcome(last.result(), lruBatch);
        }
        return turn.ask(last.vma().id(), new Collapse.Replace(request.block(), request.limits(), frame, lruBatch));
    }

    /** {@code hugepage_vma_revalidate()}: {@code mmap_lock} was not held in between. Within a step. */
    private static Found revalidate(Process process, Collapse.Block request, Turn turn) {
        long block = request.block();
        VmaInfo vma = process.vmas.find(block);
        if (vma == null) {
            return new Found(null, Result.VMA_NULL);
        }
        boolean congruent = vma.isAnonymous() || PageOrder.isAligned(vma.start() - vma.pageOffset(), PageOrder.PMD);
        if (block + PageOrder.PMD_PAGES > vma.end() || !congruent) {
            return new Found(null, Result.ADDRESS_RANGE);
        }
        if (!ThpEligibility.isCollapsible(vma, turn.context().settings(), process.task.thp(), !request.limits().khugepaged())) {
            return new Found(null, Result.VMA_CHECK);
        }
        return new Found(vma, Result.SUCCEED);
    }

    /**
     * {@code alloc_charge_folio()}: on the node with most of the pages, or another with as many.
     *
     * @return the first frame, or -1
     */
    private static long allocate(List<Load> loads, Turn turn) {
        List<Integer> nodes = candidates(loads, turn);
        for (int node : nodes) {
            FrameRuns frames = turn.ask(new NumaNodeId(node), new Collapse.Allocate());
            if (!frames.isEmpty()) {
                return frames.start(0);
            }
        }
        turn.run(() -> turn.send(new NumaNodeId(nodes.get(0)), new NumaNodeCommand.Count("thp_collapse_alloc_failed", -1, 1)));
        return -1;
    }

    /** {@code hpage_collapse_find_target_node()}: the first node with most of the pages, then its equals in zonelist order. */
    private static List<Integer> candidates(List<Load> loads, Turn turn) {
        long most = loads.stream().mapToLong(Load::pages).max().orElse(0);
        int target = loads.stream().filter(load -> load.pages() == most).mapToInt(Load::node).findFirst().orElse(0);
        List<Integer> candidates = new ArrayList<>();
        for (int node : turn.context().topology().zonelist(target)) {
            if (loads.isEmpty() || loads.contains(new Load(node, most))) {
                candidates.add(node);
            }
        }
        return candidates;
    }
}
