package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.Migration.CanHint;
import org.foliofleet.protocol.message.Migration.Looked;
import org.foliofleet.protocol.message.Migration.MarkHints;
import org.foliofleet.protocol.message.Migration.Migrate;
import org.foliofleet.protocol.message.Migration.Misplaced;
import org.foliofleet.protocol.message.Migration.Mode;
import org.foliofleet.protocol.message.Migration.Target;
import org.foliofleet.protocol.message.Migration.Toucher;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** NUMA hint faults: {@code change_prot_numa()}, {@code do_numa_page()}, {@code mpol_misplaced()} (R11.6, R11.7). */
final class HintFault {
    private HintFault() {}

    /** The scanner passes over the VMA: what may be moved by a fault becomes inaccessible. */
    static Void mark(Vma vma, MarkHints request, Turn turn) {
        for (PageRuns before : turn.step(() -> present(vma))) {
            // while other nodes were asked, folios may have moved, or gone
            PageRuns runs = turn.step(() -> SeenEntries.still(vma, before));
            if (runs.isEmpty()) {
                continue;
            }
            PageRuns chosen = turn.ask(nodeOf(runs), new CanHint(runs, request.spared(), turn.step(() -> vma.info.isCow())));
            turn.run(() -> {
                for (int i = 0; i < chosen.size(); i++) {
                    PageRuns now = vma.entries(chosen.start(i), chosen.end(i));
                    for (int j = 0; j < now.size(); j++) {
                        if (now.entry(j).isPresent() && now.entry(j).delta() == chosen.entry(i).delta()) {
                            int lost = now.entry(j).isPmd() ? Protection.lostByPmds(turn) : 0;
                            turn.emit(new VmaEvents.FlagsChanged(now.start(j), now.end(j), Pte.NUMA_HINT, lost));
                        }
                    }
                }
            });
        }
        return null;
    }

    private static List<PageRuns> present(Vma vma) {
        List<PageRuns> byNode = new ArrayList<>();
        PageRuns.Builder[] runs = {PageRuns.builder()};
        int[] last = {-1};
        vma.pages.forEach((start, count, entry) -> {
            if (!entry.isPresent() || entry.has(Pte.SPECIAL | Pte.NUMA_HINT)) {
                return;
            }
            int node = Frame.node(entry.frame(start));
            if (node != last[0] && last[0] >= 0) {
                byNode.add(runs[0].build());
                runs[0] = PageRuns.builder();
            }
            last[0] = node;
            runs[0].add(start, count, entry);
        });
        if (last[0] >= 0) {
            byNode.add(runs[0].build());
        }
        return List.copyOf(byNode);
    }

    /** The folio moves to where the policy wants it, or becomes accessible where it is. */
    static FaultError resolve(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        long page = fault.page();
        int target = target(turn.step(() -> vma.info), page, fault.task(), turn);
        PageRuns mapped = turn.step(() -> vma.pages.get(page) == null ? PageRuns.NONE : PageRuns.of(page, 1, vma.pages.get(page)));
        if (mapped.isEmpty() || !mapped.entry(0).isPresent() || !mapped.entry(0).has(Pte.NUMA_HINT)) {
            return null;
        }
        int node = Frame.node(mapped.entry(0).frame(page));
        if (target >= 0) {
            boolean exec = turn.step(() -> vma.info.has(VmaFlags.EXEC));
            Looked looked = turn.ask(new NumaNodeId(node),
                    new Misplaced(mapped, target, new Toucher(vma.process().number(), fault.task().cpuNode()), exec));
            if (looked.group() != null) {
                turn.ask(new NumaNodeId(node), new Migrate(looked.group(), Target.node(target), Mode.ASYNC));
            }
        }
        turn.run(() -> {
            restore(vma, page, turn);
            Charges.hintFault(turn);
        });
        return null;
    }

    /** {@code numa_rebuild_large_mapping()}: all pages of the folio that the page table maps. Within a step. */
    private static void restore(Vma vma, long page, Turn turn) {
        Pte now = vma.pages.get(page);
        if (now == null || !now.isPresent() || !now.has(Pte.NUMA_HINT)) {
            return;
        }
        long head = page - (now.frame(page) - now.head(page));
        long table = PageOrder.alignDown(page, PageOrder.PMD);
        long from = Math.max(Math.max(head, table), vma.info.start());
        long to = Math.min(Math.min(head + PageOrder.pages(now.order()), table + PageOrder.PMD_PAGES), vma.info.end());
        PageRuns entries = vma.entries(from, to);
        for (int i = 0; i < entries.size(); i++) {
            Pte entry = entries.entry(i);
            if (entry.isPresent() && entry.has(Pte.NUMA_HINT) && entry.delta() == now.delta()) {
                turn.emit(new VmaEvents.FlagsChanged(entries.start(i), entries.end(i), 0, Pte.NUMA_HINT));
            }
        }
    }

    /** {@code mpol_misplaced()}: the node on which the folio should be; -1 if it is to stay where it is. */
    private static int target(VmaInfo info, long page, TaskContext task, Turn turn) {
        Mempolicy policy = info.policy() != null ? info.policy() : task.policy();
        if (info.file() != null) {
            Mempolicy shared = turn.ask(info.file(), new AddressSpaceCommand.PolicyOf(info.pageOffsetOf(page)));
            policy = shared != null ? shared : task.policy();
        }
        boolean moves = policy == null || policy.balancing() && policy.nodes().contains(task.cpuNode());
        return moves ? task.cpuNode() : -1;
    }

    private static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }
}
