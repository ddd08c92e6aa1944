package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.NumaNodeCommand.SplitPmds;
import org.foliofleet.protocol.message.Pte;

/** {@code __split_huge_pmd_locked()} on the side of an anonymous folio: page tables only, the folio stays whole (R6.13). */
final class PmdSplitting {
    private PmdSplitting() {}

    static Void split(NumaNode node, SplitPmds split, Turn turn) {
        MappingRules.of(node, turn);
        MlockRules.of(node, turn);
        turn.emit(new PmdsSplit(split, turn.context().settings().policies().mlock().pteMapQueuesDeferred()));
        return null;
    }

    /** @param queues the folios are queued for a deferred split, as they are mapped by PTEs now */
    private record PmdsSplit(SplitPmds split, boolean queues) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, split.runs(), (page, head, folio, from, to, count, entry) -> {
                Folio after = Rmap.splitPmd(node, folio, split.mm(), count);
                if (split.vmaLocked()) {
                    after = Mlocking.munlock(node, Mlocking.mlock(node, after, count, folio.pages()), count, folio.pages());
                }
                if (entry.has(Pte.DIRTY)) {
                    after = after.with(Folio.DIRTY);
                }
                node.folios.set(head, count << folio.order(), Refcounts.raised(node, folio, after, count));
                for (long at = head; queues && at < head + (count << folio.order()); at += folio.pages()) {
                    SplitQueueing.queue(node, at);
                }
                node.statistics.add(VmEvent.THP_SPLIT_PMD, count);
                node.statistics.add(VmEvent.RECLAIM_PMD_SPLIT, split.reclaim() ? count : 0);
            });
        }
    }
}
