package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Isolate;
import org.foliofleet.protocol.message.Migration.Look;
import org.foliofleet.protocol.message.Migration.LookAt;
import org.foliofleet.protocol.message.Migration.Looked;
import org.foliofleet.protocol.message.Migration.Queue;
import org.foliofleet.protocol.message.Migration.Queued;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** The page tables' part of migration by system call: {@code queue_pages_range()}, {@code add_folio_for_migration()} (R11.5). */
final class MisplacedPages {
    /** What the entries say: pages in runs of one node each, and pages under migration. */
    private record Found(List<PageRuns> byNode, long migrating) {}

    private MisplacedPages() {}

    static Queued queue(Vma vma, Queue request, Turn turn) {
        Found found = turn.step(() -> find(vma, request));
        List<Group> groups = new ArrayList<>();
        long failed = found.migrating();
        long large = request.large();
        for (PageRuns seen : found.byNode()) {
            if (!request.move()) {
                failed += seen.pages();
                continue;
            }
            // while other nodes were asked, folios may have moved, or gone
            PageRuns runs = turn.step(() -> SeenEntries.still(vma, seen));
            if (runs.isEmpty()) {
                continue;
            }
            Queued queued = turn.ask(node(runs), new Isolate(runs, request.all(), large));
            large = queued.large();
            groups.addAll(queued.groups());
            failed += queued.failed();
        }
        return new Queued(groups, failed, large);
    }

    private static Found find(Vma vma, Queue request) {
        List<PageRuns> byNode = new ArrayList<>();
        PageRuns.Builder[] runs = {PageRuns.builder()};
        int[] last = {-1};
        long[] migrating = {0};
        vma.pages.forEach(request.range().start(), request.range().end(), (start, count, entry) -> {
            if (entry.state() == Pte.State.MIGRATION) {
                migrating[0] += count;
            }
            if (!entry.isPresent() || entry.has(Pte.SPECIAL)) {
                return;
            }
            int node = Frame.node(entry.frame(start));
            if (request.nodes().contains(node) == request.invert()) {
                return;
            }
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
        return new Found(List.copyOf(byNode), migrating[0]);
    }

    static Looked look(Vma vma, Look request, Turn turn) {
        long start = request.range().start();
        PageRuns run = turn.step(() -> {
            Pte entry = vma.pages.get(start);
            long end = Math.min(request.range().end(), entry == null ? vma.pages.nextKey(start) : vma.pages.runEnd(start));
            return entry == null ? PageRuns.of(start, end - start, Pte.UFFD_WP_MARKER) : PageRuns.of(start, end - start, entry);
        });
        Pte entry = run.entry(0);
        if (entry.isPresent() && !entry.has(Pte.SPECIAL)) {
            return turn.ask(node(run), new LookAt(run, request.node(), request.all()));
        }
        return new Looked(run.count(0), null, -1, entry.state() == Pte.State.ZERO ? "EFAULT" : "ENOENT");
    }

    private static NumaNodeId node(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }
}
