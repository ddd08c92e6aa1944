package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.NumaNodeCommand.SplitPmds;
import org.foliofleet.protocol.message.Pte;

/** {@code __split_huge_pmd_locked()} on the side of an anonymous folio: page tables only, the folio stays whole (R6.13). */
final class PmdSplitting {
    private PmdSplitting() {}

    static Void split(NumaNode node, SplitPmds split, Turn turn) {
        MappingRules.of(node, turn);
        turn.emit(new PmdsSplit(split));
        return null;
    }

    private record PmdsSplit(SplitPmds split) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, split.runs(), (page, head, folio, from, to, count, entry) -> {
                Folio after = Rmap.splitPmd(node, folio, split.mm(), count);
                if (split.vmaLocked()) {
                    after = Mlocking.munlock(Mlocking.mlock(after, count, node.statistics), count, node.statistics);
                }
                if (entry.has(Pte.DIRTY)) {
                    after = after.with(Folio.DIRTY);
                }
                node.folios.set(head, count << folio.order(), Refcounts.raised(node, folio, after, count));
                node.statistics.add(VmEvent.THP_SPLIT_PMD, count);
                node.statistics.add(VmEvent.RECLAIM_PMD_SPLIT, split.reclaim() ? count : 0);
            });
        }
    }
}
