package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.NumaNodeCommand.DuplicateMappings;
import org.foliofleet.protocol.message.NumaNodeCommand.Duplicated;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.policy.RefcountOverflow;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateSharedTest;

/** {@code folio_try_dup_anon_rmap_ptes()}, {@code _pmd()} and {@code folio_dup_file_rmap_ptes()}: fork on the side of the folios (R3.6 to R3.10). */
final class ForkMappings {
    private ForkMappings() {}

    static Duplicated duplicate(NumaNode node, DuplicateMappings request, Turn turn) {
        MappingRules rules = MappingRules.of(node, turn);
        if (isRefused(node, request, rules)) {
            Refcounts.refuse(node, Refcounts.Operation.FORK, turn);
            return new Duplicated(null, PageRuns.NONE, null);
        }
        boolean noted = turn.context().settings().policies().relocation().relocateSharedTest() == RelocateSharedTest.EVER_COW_SHARED_BIT;
        PageRuns.Builder shared = PageRuns.builder();
        PageRuns.Builder mustCopy = PageRuns.builder();
        if (!request.parentHasPinned()) {
            turn.emit(new MappingsDuplicated(request.childMm(), request.runs(), noted));
            return new Duplicated(request.runs(), PageRuns.NONE, null);
        }
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            long pages = count == 1 ? to - from : count << folio.order();
            boolean pinned = entry.isAnon() && entry.has(Pte.EXCLUSIVE) && folio.isMaybePinned();
            (pinned ? mustCopy : shared).add(page, pages, entry);
        });
        PageRuns copies = mustCopy.build();
        PageRuns common = shared.build();
        turn.emit(new MappingsDuplicated(request.childMm(), common, noted));
        return new Duplicated(common, copies, Contents.of(node, copies));
    }

    private static boolean isRefused(NumaNode node, DuplicateMappings request, MappingRules rules) {
        if (rules.policies().refcountOverflow() != RefcountOverflow.FAIL_FORK_AND_FAULT) {
            return false;
        }
        boolean[] refused = {false};
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) ->
                refused[0] |= rules.limit(folio).refusesMapping(rules.references(folio), rules.added(entry.isPmd(), to - from)));
        return refused[0];
    }

    /** The child of a fork maps what its parent maps. */
    private record MappingsDuplicated(int childMm, PageRuns runs, boolean noted) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.edit(node, runs, (page, head, folio, from, to, count, entry) -> {
                Folio after = Rmap.add(node, folio, entry.isPmd(), from, to, childMm, count);
                return Refcounts.raised(node, folio, noted && folio.isAnon() ? after.with(Folio.EVER_SHARED) : after, count);
            });
        }
    }
}
