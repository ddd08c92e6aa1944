package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.vma.ThpEligibility;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Outcome;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.CollapsePolicies.CollapseReport;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** MADV_COLLAPSE: {@code madvise_walk_vmas()} and {@code madvise_collapse()} (R9.10). */
final class CollapseAdvice {
    private CollapseAdvice() {}

    /** Collapses the aligned blocks of all VMAs in the range. Takes {@code mmap_lock} block by block. */
    static CallResult collapse(Process process, PageRange range, Turn turn) {
        boolean hole = false;
        long page = range.start();
        while (page < range.end()) {
            long at = page;
            turn.lock(Process.MMAP_LOCK, false);
            VmaInfo vma = turn.step(() -> process.vmas.findOrNext(at));
            turn.unlock(Process.MMAP_LOCK);
            hole |= vma == null || vma.start() > at;
            if (vma == null || vma.start() >= range.end()) {
                return new CallResult.Failed(Errno.ENOMEM);
            }
            PageRange part = PageRange.between(Math.max(at, vma.start()), Math.min(range.end(), vma.end()));
            Errno errno = inVma(process, vma, part, turn);
            if (errno != null) {
                return new CallResult.Failed(errno);
            }
            page = part.end();
        }
        return hole ? new CallResult.Failed(Errno.ENOMEM) : CallResult.OK;
    }

    /**
     * {@code madvise_collapse()}: null, or the error. Blocks that were collapsed before another failed stay so. A range that
     * touches neither a block's begin nor its end is an error, as it counts as fewer than no blocks.
     */
    private static Errno inVma(Process process, VmaInfo vma, PageRange range, Turn turn) {
        if (turn.step(() -> !ThpEligibility.isCollapsible(vma, turn.context().settings(), process.task.thp(), true))) {
            return Errno.EINVAL;
        }
        long first = PageOrder.alignUp(range.start(), PageOrder.PMD);
        long end = PageOrder.alignDown(range.end(), PageOrder.PMD);
        long huge = 0;
        int lruBatch = 0;
        Result failure = Result.FAIL;
        for (long block = first; block < end; block += PageOrder.PMD_PAGES) {
            Outcome outcome = turn.ask(process.id(), new Collapse.Block(block, Limits.MADVISE, lruBatch));
            lruBatch = outcome.lruBatch();
            if (outcome.result().isHuge()) {
                huge++;
                continue;
            }
            failure = outcome.result();
            if (!isSoft(failure)) {
                break;
            }
        }
        boolean all = end >= first && huge == (end - first) >> PageOrder.PMD;
        return all ? report(process, first, end, turn) : errno(failure);
    }

    /** All is done: null, or under {@code collapse_report: verify_before_return} EAGAIN when it is not so any more. */
    private static Errno report(Process process, long first, long end, Turn turn) {
        if (turn.step(() -> turn.context().settings().policies().collapse().collapseReport() == CollapseReport.VERIFY_BEFORE_RETURN)) {
            List<VmaId> vmas = turn.step(() -> vmasOf(process, first, end));
            List<Collapse.IsHuge> questions = new ArrayList<>();
            for (int i = 0; i < vmas.size(); i++) {
                questions.add(new Collapse.IsHuge(first + (long) i * PageOrder.PMD_PAGES));
            }
            if (vmas.size() < (end - first) >> PageOrder.PMD || turn.askAll(vmas, questions).contains(false)) {
                return Errno.EAGAIN;
            }
        }
        turn.run(() -> {
            List<VmaId> vmas = vmasOf(process, first, end);
            for (int i = 0; i < vmas.size(); i++) {
                long block = first + (long) i * PageOrder.PMD_PAGES;
                turn.send(vmas.get(i), new Collapse.Reported(block, block + PageOrder.PMD_PAGES));
            }
        });
        return null;
    }

    /** The VMA of each block, up to the first block that has none. Within a step. */
    private static List<VmaId> vmasOf(Process process, long first, long end) {
        List<VmaId> vmas = new ArrayList<>();
        for (long block = first; block < end; block += PageOrder.PMD_PAGES) {
            VmaInfo vma = process.vmas.find(block);
            if (vma == null) {
                return vmas;
            }
            vmas.add(vma.id());
        }
        return vmas;
    }

    /** After which the next block is tried. */
    private static boolean isSoft(Result result) {
        return switch (result) {
            case PMD_NULL, PTE_NON_PRESENT, PTE_UFFD_WP, LACK_REFERENCED_PAGE, PAGE_NULL, PAGE_COUNT, PAGE_LOCK, PAGE_COMPOUND, PAGE_LRU,
                    DEL_PAGE_LRU -> true;
            default -> false;
        };
    }

    /** {@code madvise_collapse_errno()}. */
    private static Errno errno(Result failure) {
        return switch (failure) {
            case ALLOC_HUGE_PAGE_FAIL -> Errno.ENOMEM;
            case CGROUP_CHARGE_FAIL, EXCEED_NONE_PTE -> Errno.EBUSY;
            case PAGE_COUNT, PAGE_LOCK, PAGE_LRU, DEL_PAGE_LRU, PAGE_FILLED -> Errno.EAGAIN;
            default -> Errno.EINVAL;
        };
    }
}
