package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Finding;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Load;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Collapse.Scanned;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;

/**
 * {@code hpage_collapse_scan_pmd()}: whether a block of an anonymous VMA may become a THP (R9.3, R9.4).
 *
 * <p>The kernel goes from entry to entry and ends at the first that does not suit. Here the VMA finds the first entry
 * that does not suit by itself, the nodes say what they think of the folios before it, and the lower page wins.
 */
final class CollapseScan {
    /**
     * What the entries alone tell.
     *
     * @param present pages of folios, before {@code stop}
     * @param stop    the first entry that ends the scan, or the end of the block
     * @param result  why it does; SUCCEED at the end of the block
     * @param swapped entries that are not present
     */
    record Layout(PageRuns present, long stop, Result result, int swapped) {}

    private CollapseScan() {}

    static Scanned scan(Vma vma, Collapse.Scan scan, Turn turn) {
        Result state = turn.step(() -> blockState(vma, scan.block()));
        if (state != Result.SUCCEED) {
            return new Scanned(state, 0, List.of());
        }
        Layout layout = turn.step(() -> layout(vma, scan.block(), scan.limits(), false));
        List<NumaNodeId> nodes = new ArrayList<>();
        List<Collapse.Inspect> requests = new ArrayList<>();
        for (var part : byNode(layout.present()).entrySet()) {
            nodes.add(new NumaNodeId(part.getKey()));
            requests.add(new Collapse.Inspect(part.getValue()));
        }
        return judge(layout, turn.askAll(nodes, requests), scan.limits());
    }

    /** {@code find_pmd_or_thp_or_none()}: SUCCEED if there is a page table. Within a step. */
    static Result blockState(Vma vma, long block) {
        Pte first = vma.pages.get(block);
        if (first != null && first.isPmd()) {
            return Result.PMD_MAPPED;
        }
        return vma.hasTable(block) ? Result.SUCCEED : Result.PMD_NONE;
    }

    /**
     * Goes through the entries of a block. Within a step.
     *
     * @param isolating entries that are not present end it: they were read in before
     */
    static Layout layout(Vma vma, long block, Limits limits, boolean isolating) {
        long end = block + PageOrder.PMD_PAGES;
        boolean armed = vma.info.has(VmaFlags.UFFD_ANY);
        PageRuns.Builder present = PageRuns.builder();
        long none = 0;
        long swapped = 0;
        for (long at = block; at < end;) {
            Pte entry = vma.pages.get(at);
            long next = Math.min(end, entry == null ? vma.pages.nextKey(at) : vma.pages.runEnd(at));
            long count = next - at;
            if (entry == null || entry.state() == Pte.State.ZERO) {
                if (armed) {
                    return new Layout(present.build(), at, Result.EXCEED_NONE_PTE, (int) swapped);
                }
                if (limits.khugepaged() && none + count > limits.maxPtesNone()) {
                    return new Layout(present.build(), at + limits.maxPtesNone() - none, Result.EXCEED_NONE_PTE, (int) swapped);
                }
                none += count;
            } else if (!entry.isPresent()) {
                if (isolating) {
                    return new Layout(present.build(), at, Result.PTE_NON_PRESENT, (int) swapped);
                }
                if (limits.khugepaged() && swapped >= limits.maxPtesSwap()) {
                    return new Layout(present.build(), at, Result.EXCEED_SWAP_PTE, (int) swapped);
                }
                if (entry.has(Pte.UFFD_WP) || entry.state() == Pte.State.WP_MARKER) {
                    return new Layout(present.build(), at, Result.PTE_UFFD_WP, (int) swapped);
                }
                if (limits.khugepaged() && swapped + count > limits.maxPtesSwap()) {
                    return new Layout(present.build(), at + limits.maxPtesSwap() - swapped, Result.EXCEED_SWAP_PTE, (int) swapped);
                }
                swapped += count;
            } else if (entry.has(Pte.UFFD_WP)) {
                return new Layout(present.build(), at, Result.PTE_UFFD_WP, (int) swapped);
            } else if (entry.has(Pte.SPECIAL)) {
                return new Layout(present.build(), at, Result.PAGE_NULL, (int) swapped);
            } else if (!entry.isAnon()) {
                return new Layout(present.build(), at, Result.PAGE_ANON, (int) swapped);
            } else {
                present.add(at, count, entry);
            }
            at = next;
        }
        return new Layout(present.build(), end, Result.SUCCEED, (int) swapped);
    }

    /** The runs of each node, in the order of the nodes' numbers. */
    static TreeMap<Integer, PageRuns> byNode(PageRuns runs) {
        TreeMap<Integer, PageRuns.Builder> builders = new TreeMap<>();
        for (int i = 0; i < runs.size(); i++) {
            int node = Frame.node(runs.entry(i).frame(runs.start(i)));
            builders.computeIfAbsent(node, n -> PageRuns.builder()).add(runs.start(i), runs.count(i), runs.entry(i));
        }
        TreeMap<Integer, PageRuns> parts = new TreeMap<>();
        builders.forEach((node, builder) -> parts.put(node, builder.build()));
        return parts;
    }

    /** Puts together what the entries and the folios tell. */
    private static Scanned judge(Layout layout, List<List<Finding>> answers, Limits limits) {
        TreeMap<Long, Finding> ordered = new TreeMap<>();
        for (List<Finding> findings : answers) {
            findings.forEach(finding -> ordered.put(finding.page(), finding));
        }
        long shared = 0;
        long referenced = 0;
        for (Finding finding : ordered.values()) {
            if (finding.shared()) {
                if (limits.khugepaged() && shared + (finding.result() == Result.SUCCEED ? finding.count() : 1) > limits.maxPtesShared()) {
                    return new Scanned(Result.EXCEED_SHARED_PTE, layout.swapped(), List.of());
                }
                shared += finding.count();
            }
            if (finding.result() != Result.SUCCEED) {
                return new Scanned(finding.result(), layout.swapped(), List.of());
            }
            referenced += finding.referenced() ? finding.count() : 0;
        }
        Result result = layout.result();
        if (result == Result.SUCCEED && limits.khugepaged()
                && (referenced == 0 || layout.swapped() > 0 && referenced < PageOrder.PMD_PAGES / 2)) {
            result = Result.LACK_REFERENCED_PAGE;
        }
        List<Load> loads = new ArrayList<>();
        byNode(layout.present()).forEach((node, runs) -> loads.add(new Load(node, runs.pages())));
        return new Scanned(result, layout.swapped(), loads);
    }
}
