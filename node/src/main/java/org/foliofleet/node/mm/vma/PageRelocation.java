package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Relocate.CachedRun;
import org.foliofleet.protocol.message.Relocate.CheckFolios;
import org.foliofleet.protocol.message.Relocate.Checked;
import org.foliofleet.protocol.message.Relocate.Mode;
import org.foliofleet.protocol.message.Relocate.Obstacle;
import org.foliofleet.protocol.message.Relocate.Rewrite;
import org.foliofleet.protocol.message.Relocate.RewriteCached;
import org.foliofleet.protocol.message.Relocate.RewriteFolios;
import org.foliofleet.protocol.message.Relocate.Rewritten;
import org.foliofleet.protocol.message.Relocate.Undo;
import org.foliofleet.protocol.message.Relocate.Undone;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.SwapCommand.SlotRun;
import org.foliofleet.protocol.policy.RelocationPolicies;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateNonpresent;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateSharedTest;

/**
 * {@code relocate_anon_folios()} of the series MREMAP_RELOCATE_ANON: the folios of a range get the anon_vma and index of the
 * place to which the range will be moved. The process holds {@code mmap_lock} and keeps rmap walks out.
 */
final class PageRelocation {
    private PageRelocation() {}

    static Rewritten rewrite(Vma vma, Rewrite request, Turn turn) {
        PageRange range = request.range();
        RelocateNonpresent nonpresent = turn.context().settings().policies().relocation().relocateNonpresent();
        List<PageRuns> byNode = turn.step(() -> present(vma, range.start(), range.end()));
        List<Cached> inCache = nonpresent == RelocateNonpresent.WAIT_MIGRATION_FIX_SWAPCACHE ? cached(vma, range, turn) : List.of();
        Checked first = new Checked(Long.MAX_VALUE, null, 0, 0);
        long visits = 0;
        if (request.mode() != Mode.ALL) {
            first = turn.step(() -> firstAbsent(vma, range, turn.context().settings().policies().relocation()));
            Checked cut = firstCut(inCache, range);
            first = cut.page() < first.page() ? cut : first;
            for (Checked checked : ask(byNode, turn)) {
                visits += checked.visits();
                first = checked.page() < first.page() ? checked : first;
            }
        }
        long obstacle = Math.min(range.end(), first.page());
        long until = obstacle == range.end() ? obstacle : turn.step(() -> wholeFolios(vma, range.start(), obstacle));
        long folios = 0;
        if (request.mode() != Mode.CHECK) {
            folios = rewrite(turn.step(() -> present(vma, range.start(), until)), request.root(), request.shift(), false, turn).folios();
            rewriteCached(vma, inCache, PageRange.between(range.start(), until), request.root(), request.shift(), turn);
        }
        long looked = visits;
        turn.run(() -> turn.charge(looked * turn.context().costs().movePage()));
        if (first.obstacle() == null) {
            return new Rewritten(range.count(), folios, visits, null, null, 0);
        }
        return new Rewritten(until - range.start(), folios, visits, first.obstacle(), turn.step(() -> vma.pages.get(until)), first.blocked());
    }

    static Undone undo(Vma vma, Undo request, Turn turn) {
        PageRange range = request.range();
        boolean fixes = turn.context().settings().policies().relocation().relocateNonpresent() == RelocateNonpresent.WAIT_MIGRATION_FIX_SWAPCACHE;
        List<PageRuns> byNode = turn.step(() -> present(vma, range.start(), range.end()));
        Undone undone = rewrite(byNode, request.root(), request.shift(), true, turn);
        if (fixes) {
            rewriteCached(vma, cached(vma, range, turn), range, request.root(), request.shift(), turn);
        }
        return undone;
    }

    /** The anonymous entries of a range, those of one node together. Within a step. */
    private static List<PageRuns> present(Vma vma, long from, long to) {
        TreeMap<Integer, PageRuns.Builder> builders = new TreeMap<>();
        if (from < to) {
            vma.pages.forEach(from, to, (start, count, entry) -> {
                if (entry.isPresent() && entry.isAnon()) {
                    long at = start;
                    while (at < start + count) {
                        int node = Frame.node(entry.frame(at));
                        long end = start + count;
                        while (Frame.node(entry.frame(end - 1)) != node) {
                            end--;
                        }
                        builders.computeIfAbsent(node, n -> PageRuns.builder()).add(at, end - at, entry);
                        at = end;
                    }
                }
            });
        }
        return builders.values().stream().map(PageRuns.Builder::build).toList();
    }

    /** The end of the last large folio that does not go on behind the page. */
    private static long wholeFolios(Vma vma, long from, long page) {
        Pte last = page > from ? vma.pages.get(page - 1) : null;
        if (last == null || !last.isPresent() || !last.isAnon()) {
            return page;
        }
        long start = page - 1 - (last.frame(page - 1) - last.head(page - 1));
        return start + (1L << last.order()) > page ? Math.max(from, start) : page;
    }

    private static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }

    /** The first entry without a page that stops the relocation. Within a step. */
    private static Checked firstAbsent(Vma vma, PageRange range, RelocationPolicies policies) {
        boolean refuses = policies.relocateNonpresent() == RelocateNonpresent.REFUSE;
        boolean everShared = policies.relocateSharedTest() == RelocateSharedTest.EVER_COW_SHARED_BIT;
        Checked[] first = {new Checked(Long.MAX_VALUE, null, 0, 0)};
        vma.pages.forEach(range.start(), range.end(), (start, count, entry) -> {
            boolean migrates = entry.state() == Pte.State.MIGRATION;
            boolean absent = migrates || entry.state() == Pte.State.SWAP;
            boolean shared = everShared && (absent || entry.isPresent() && entry.isAnon() && !entry.has(Pte.KSM)) && !entry.has(Pte.EXCLUSIVE);
            if (first[0].obstacle() != null) {
                return;
            }
            if (shared) {
                first[0] = new Checked(start, Obstacle.SHARED, count, 0);
            } else if (migrates || refuses && absent) {
                first[0] = new Checked(start, refuses ? Obstacle.NONPRESENT : Obstacle.MIGRATION, count, 0);
            }
        });
        return first[0];
    }

    private static List<Checked> ask(List<PageRuns> byNode, Turn turn) {
        return turn.askAll(byNode.stream().map(PageRelocation::nodeOf).toList(), byNode.stream().map(CheckFolios::new).toList());
    }

    private static Undone rewrite(List<PageRuns> byNode, AnonVmaRootId root, long shift, boolean undo, Turn turn) {
        Undone sum = new Undone(0, 0, 0);
        for (Undone each : turn.askAll(byNode.stream().map(PageRelocation::nodeOf).toList(),
                byNode.stream().map(runs -> new RewriteFolios(runs, root, shift, undo)).toList())) {
            sum = new Undone(sum.folios() + each.folios(), sum.failed() + each.failed(), sum.pages() + each.pages());
        }
        return sum;
    }

    // -- the swap cache ------------------------------------------------------------------------------------------

    /** Pages of swap entries that are in the swap cache, in folios of that order. */
    private record Cached(CachedRun run, int order) {}

    /** Where in the swap cache the pages of swap entries are. */
    private static List<Cached> cached(Vma vma, PageRange range, Turn turn) {
        PageRuns swapped = turn.step(() -> swapEntries(vma, range));
        List<Cached> cached = new ArrayList<>();
        for (int i = 0; i < swapped.size(); i++) {
            long start = swapped.start(i);
            long slot = swapped.entry(i).frame(start);
            for (SlotRun run : turn.ask(new SwapId(), new SwapCommand.Lookup(slot, swapped.count(i))).runs()) {
                if (run.frame() >= 0) {
                    cached.add(new Cached(new CachedRun(start + run.slot() - slot, run.frame(), run.count(), run.slot()), run.order()));
                }
            }
        }
        return cached;
    }

    /** A large folio of the swap cache that goes on outside of the range; it can not be split here. */
    private static Checked firstCut(List<Cached> cached, PageRange range) {
        for (Cached each : cached) {
            CachedRun run = each.run();
            long start = run.page() - (run.frame() - Frame.head(run.frame(), each.order()));
            long last = run.page() + run.count() - 1;
            long end = last + Frame.head(run.frame() + run.count() - 1, each.order()) + (1L << each.order()) - (run.frame() + run.count() - 1);
            if (start < range.start() || end > range.end()) {
                return new Checked(run.page(), Obstacle.NONPRESENT, run.count(), 0);
            }
        }
        return new Checked(Long.MAX_VALUE, null, 0, 0);
    }

    private static PageRuns swapEntries(Vma vma, PageRange range) {
        PageRuns.Builder swapped = PageRuns.builder();
        if (!range.isEmpty()) {
            vma.pages.forEach(range.start(), range.end(), (start, count, entry) -> {
                if (entry.state() == Pte.State.SWAP) {
                    swapped.add(start, count, entry);
                }
            });
        }
        return swapped.build();
    }

    /** Rewrites those whose pages lie in the range; looks again for those that were reclaimed or demoted just now. */
    private static void rewriteCached(Vma vma, List<Cached> found, PageRange range, AnonVmaRootId root, long shift, Turn turn) {
        List<Cached> cached = found;
        while (!rewriteCached(cached, range.end(), root, shift, turn)) {
            cached = cached(vma, range, turn);
        }
    }

    private static boolean rewriteCached(List<Cached> cached, long until, AnonVmaRootId root, long shift, Turn turn) {
        TreeMap<Integer, List<CachedRun>> byNode = new TreeMap<>();
        for (Cached each : cached) {
            CachedRun run = each.run();
            if (run.page() < until) {
                byNode.computeIfAbsent(Frame.node(run.frame()), node -> new ArrayList<>())
                        .add(new CachedRun(run.page(), run.frame(), Math.min(run.count(), until - run.page()), run.slot()));
            }
        }
        List<NumaNodeId> nodes = new ArrayList<>();
        List<RewriteCached> requests = new ArrayList<>();
        byNode.forEach((node, runs) -> {
            nodes.add(new NumaNodeId(node));
            requests.add(new RewriteCached(runs, root, shift));
        });
        return !turn.askAll(nodes, requests).contains(false);
    }
}
