package org.foliofleet.node.mm.numa;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Relocate.CachedRun;
import org.foliofleet.protocol.message.Relocate.CheckFolios;
import org.foliofleet.protocol.message.Relocate.Checked;
import org.foliofleet.protocol.message.Relocate.Obstacle;
import org.foliofleet.protocol.message.Relocate.RewriteCached;
import org.foliofleet.protocol.message.Relocate.RewriteFolios;
import org.foliofleet.protocol.message.Relocate.Undone;
import org.foliofleet.protocol.policy.PolicySet;
import org.foliofleet.protocol.policy.RelocationPolicies;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateKsm;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocatePinned;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateSharedTest;
import org.foliofleet.protocol.program.RandomStream;

/** MREMAP_RELOCATE_ANON on the side of the folios: which may get another mapping and index, and that they do (17.3). */
final class AnonRelocation {
    private AnonRelocation() {}

    // -- looking -------------------------------------------------------------------------------------------------

    /** Goes over the folios in the order of the pages and stops at the first that must stay. */
    private static final class Check {
        private final RelocationPolicies policies;
        private long head = -1;
        private Folio folio;
        private long firstPage;
        /** Pages of the folio that the runs map; for a huge entry, all. */
        private long seen;
        private boolean huge;
        private long visits;
        private Checked found;

        Check(RelocationPolicies policies) {
            this.policies = policies;
        }

        void visit(long page, long itsHead, Folio its, int from, int to, long count, Pte entry) {
            if (found != null) {
                return;
            }
            if (itsHead == head) {
                seen += to - from;
                return;
            }
            settle();
            if (found != null) {
                return;
            }
            Obstacle obstacle = obstacle(its);
            if (obstacle != null) {
                found = new Checked(page, obstacle, to - from, visits + 1);
                return;
            }
            visits += count;
            head = itsHead + (count - 1 << its.order());
            folio = its;
            firstPage = page + (count - 1 << its.order());
            seen = to - from;
            huge = entry.isPmd();
        }

        private Obstacle obstacle(Folio its) {
            if (its.has(Folio.KSM)) {
                return policies.relocateKsm() == RelocateKsm.MOVE_RMAP_ITEMS ? null : Obstacle.KSM;
            }
            boolean shared = policies.relocateSharedTest() == RelocateSharedTest.EVER_COW_SHARED_BIT ? its.has(Folio.EVER_SHARED)
                    : its.isMaybeMappedShared();
            if (shared) {
                return Obstacle.SHARED;
            }
            return its.isMaybePinned() && policies.relocatePinned() == RelocatePinned.REFUSE ? Obstacle.PINNED : null;
        }

        /** Whether all that is mapped of the last folio was met. */
        void settle() {
            if (found == null && head >= 0 && folio.isLarge() && seen < (huge ? folio.pages() : folio.mapcount())) {
                found = new Checked(firstPage, Obstacle.LARGE_CROSS, seen, visits);
            }
        }
    }

    static Checked check(NumaNode node, CheckFolios request, Turn turn) {
        Check check = new Check(turn.context().settings().policies().relocation());
        FolioWalk.over(node, request.runs(), check::visit);
        check.settle();
        return check.found != null ? check.found : new Checked(Long.MAX_VALUE, null, 0, check.visits);
    }

    // -- rewriting -----------------------------------------------------------------------------------------------

    static Undone rewrite(NumaNode node, RewriteFolios request, Turn turn) {
        Set<Long> held = request.undo() ? held(node, request.runs(), turn) : new TreeSet<>();
        long[] folios = {0};
        long[] pages = {0};
        long[] last = {-1};
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            boolean again = head == last[0];
            last[0] = head + (count - 1 << folio.order());
            folios[0] += again || folio.has(Folio.KSM) ? 0 : count;
            for (long at = head; !held.isEmpty() && at <= last[0]; at += folio.pages()) {
                pages[0] += held.contains(at) ? to - from : 0;
            }
        });
        turn.emit(new Relocated(request, List.copyOf(held)));
        return new Undone(folios[0] - held.size(), held.size(), pages[0]);
    }

    /** Heads of folios that GUP-fast has got hold of by the time they are to be put back (R16.3). */
    private static Set<Long> held(NumaNode node, PageRuns runs, Turn turn) {
        PolicySet policies = turn.context().settings().policies();
        double probability = policies.mlock().speculativeRefProbability();
        TreeSet<Long> held = new TreeSet<>();
        if (probability <= 0) {
            return held;
        }
        FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
            for (long at = head; at < head + (count << folio.order()); at += folio.pages()) {
                RandomStream draw = RandomStream.of(turn.tick(), "passing reference", Frame.number(at));
                if (!folio.has(Folio.KSM) && draw.below(1 << 20) < probability * (1 << 20)) {
                    held.add(at);
                }
            }
        });
        return held;
    }

    /** Whole folios are found at another place from now on. */
    private record Relocated(RewriteFolios request, List<Long> held) implements NodeEvent {
        private Relocated {
            held = List.copyOf(held);
        }

        @Override
        public void applyTo(NumaNode node) {
            if (held.isEmpty()) {
                FolioWalk.edit(node, request.runs(), (page, head, folio, from, to, count, entry) -> folio.has(Folio.KSM) ? null
                        : folio.withMapping(request.root().key(), request.shift() - entry.delta()));
                return;
            }
            Set<Long> stay = new TreeSet<>(held);
            FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
                for (long at = head; at < head + (count << folio.order()); at += folio.pages()) {
                    if (!stay.contains(at) && !folio.has(Folio.KSM)) {
                        node.folios.set(at, folio.pages(), folio.withMapping(request.root().key(), request.shift() - entry.delta()));
                    }
                }
            });
        }
    }

    static Boolean rewriteCached(NumaNode node, RewriteCached request, Turn turn) {
        turn.emit(new CachedRelocated(request));
        boolean[] all = {true};
        for (CachedRun run : request.runs()) {
            node.folios.forEachWithGaps(run.frame(), run.frame() + run.count(), (start, count, folio) -> all[0] &= isCached(folio, run));
        }
        return all[0];
    }

    private static boolean isCached(Folio folio, CachedRun run) {
        return folio != null && folio.has(Folio.SWAPCACHE) && folio.swapDelta() == run.slot() - run.frame();
    }

    /** Folios of the swap cache that nobody maps are known to belong to another place. */
    private record CachedRelocated(RewriteCached request) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (CachedRun run : request.runs()) {
                long indexDelta = request.shift() + run.page() - run.frame();
                long head = run.frame();
                while (head < run.frame() + run.count()) {
                    Folio folio = node.folios.get(head);
                    long next = head + 1;
                    if (isCached(folio, run)) {
                        long first = Frame.head(head, folio.order());
                        next = first + folio.pages();
                        if (folio.isAnon() && !folio.has(Folio.KSM)) {
                            node.folios.set(first, folio.pages(), folio.withMapping(request.root().key(), indexDelta));
                        }
                    }
                    head = next;
                }
            }
        }
    }
}
