package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.numa.CollapseAllocation;
import org.foliofleet.node.mm.vma.ThpEligibility;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.KhugepagedId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Outcome;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Collapse.Scanned;
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
        Outcome outcome = attempt(process, request, turn);
        turn.run(() -> turn.send(new KhugepagedId(), new Collapse.Attempted(request.limits().khugepaged(), outcome.result())));
        return outcome;
    }

    private static Outcome attempt(Process process, Collapse.Block request, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        Found found = turn.step(() -> revalidate(process, request, turn));
        if (found.result() != Result.SUCCEED) {
            return new Outcome(found.result(), request.lruBatch());
        }
        if (!found.vma().isAnonymous()) {
            turn.unlock(Process.MMAP_LOCK);
            Result result = file(process, request, found.vma(), turn);
            if (request.limits().khugepaged()) {
                count(result, turn);
            }
            return new Outcome(result, 0);
        }
        Scanned scanned = turn.ask(found.vma().id(), new Collapse.Scan(request.block(), request.limits()));
        turn.unlock(Process.MMAP_LOCK);
        if (scanned.result() != Result.SUCCEED) {
            count(scanned.result(), turn);
            return new Outcome(scanned.result(), request.lruBatch());
        }
        int cgroup = turn.step(() -> process.task.cgroup());
        long frame = CollapseAllocation.allocate(scanned.loads(), cgroup, request.limits().khugepaged(), turn);
        if (frame < 0) {
            return new Outcome(frame == CollapseAllocation.NONE ? Result.ALLOC_HUGE_PAGE_FAIL : Result.CGROUP_CHARGE_FAIL, request.lruBatch());
        }
        Outcome outcome = replace(process, request, scanned, frame, turn);
        if (outcome.result() != Result.SUCCEED) {
            count(outcome.result(), turn);
            turn.run(() -> turn.send(new NumaNodeId(Frame.node(frame)), new Collapse.GiveBack(frame)));
        }
        return outcome;
    }

    /** A limit was exceeded. */
    private static void count(Result result, Turn turn) {
        String event = switch (result) {
            case EXCEED_NONE_PTE -> "thp_scan_exceed_none_pte";
            case EXCEED_SWAP_PTE -> "thp_scan_exceed_swap_pte";
            case EXCEED_SHARED_PTE -> "thp_scan_exceed_share_pte";
            default -> null;
        };
        if (event != null) {
            turn.run(() -> turn.send(new NumaNodeId(0), new NumaNodeCommand.Count(event, -1, 1)));
        }
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
        Outcome outcome = turn.ask(last.vma().id(), new Collapse.Replace(request.block(), request.limits(), frame, lruBatch));
        if (outcome.result() == Result.SUCCEED) {
            turn.run(() -> turn.charge(turn.context().costs().collapse()));
        }
        return outcome;
    }

    /** {@code hpage_collapse_scan_file()}, and {@code collapse_pte_mapped_thp()} for what is one folio already (R9.8 to R9.11). */
    private static Result file(Process process, Collapse.Block request, VmaInfo before, Turn turn) {
        TaskContext task = turn.step(() -> process.task);
        Result result = turn.ask(before.file(),
                new Collapse.File(before.pageOffsetOf(request.block()), before, request.limits(), task));
        if (result != Result.PTE_MAPPED_HUGEPAGE) {
            return result;
        }
        turn.lock(Process.MMAP_LOCK, false);
        Found found = turn.step(() -> revalidate(process, request, turn));
        if (found.result() != Result.SUCCEED || found.vma().isAnonymous()) {
            return Result.VMA_CHECK;
        }
        boolean install = turn.step(() -> switch (turn.context().settings().policies().collapse().collapseInstallPmd()) {
            case MADV_ONLY -> !request.limits().khugepaged();
            case ALWAYS -> true;
            case NEVER -> false;
        });
        Result mapped = turn.ask(found.vma().id(), new Collapse.MapPmd(request.block(), install));
        return mapped == Result.PMD_MAPPED && request.limits().khugepaged() ? Result.SUCCEED : mapped;
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
}
