package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.NumaNodeCommand.Mlock;
import org.foliofleet.protocol.message.Pte;

/** {@code mlock_pte_range()} on the side of the folios, mm/mlock.c (R7.21, R7.22). */
final class MlockWalks {
    private MlockWalks() {}

    static Void mlock(NumaNode node, Mlock mlock, Turn turn) {
        turn.emit(new FoliosMlocked(mlock));
        return null;
    }

    private record FoliosMlocked(Mlock mlock) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, mlock.runs(), (page, head, folio, from, to, count, entry) -> {
                if (!folio.isLarge() || entry.isPmd() || PageOrder.isAligned(page - from, folio.order())) {
                    batch(node, page, head, folio, from, to, count, entry);
                    return;
                }
                for (long i = 0; i < count; i++) {
                    long pages = i << folio.order();
                    batch(node, page + pages, head + pages, folio, from, to, 1, entry);
                }
            });
        }

        /** One folio, or many alike, as a batch of entries that ends with the page table at the latest. */
        private void batch(NumaNode node, long page, long head, Folio folio, int from, int to, long count, Pte entry) {
            boolean crosses = folio.isLarge() && !entry.isPmd() && page >> PageOrder.PMD != page + to - from - 1 >> PageOrder.PMD;
            Folio after = folio;
            if (!mlock.lock()) {
                after = Mlocking.munlock(after, count, node.statistics);
                after = crosses ? Mlocking.munlock(after, count, node.statistics) : after;
            } else if (!folio.isLarge() || entry.isPmd() || from == 0 && to == folio.pages() && !crosses) {
                after = Mlocking.mlock(after, count, node.statistics);
            }
            if (!after.equals(folio)) {
                node.folios.set(head, count << folio.order(), after);
            }
        }
    }
}
