package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NumaNodeCommand.Mlock;
import org.foliofleet.protocol.message.Pte;

/** {@code mlock_pte_range()} on the side of the folios, mm/mlock.c (R7.21, R7.22). */
final class MlockWalks {
    private MlockWalks() {}

    static Void mlock(NumaNode node, Mlock mlock, Turn turn) {
        MlockRules.of(node, turn);
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
                after = Mlocking.munlock(node, after, count, to - from);
                after = crosses && !node.mlockRules.exact() ? Mlocking.munlock(node, after, count, 0) : after;
            } else {
                after = locked(node, folio, count, PageRange.between(page, page + to - from), from == 0 && to == folio.pages(),
                        !folio.isLarge() || entry.isPmd(), crosses);
            }
            if (!after.equals(folio)) {
                node.folios.set(head, count << folio.order(), after);
            }
        }

        /** @param batch its pages, of one of the folios */
        private Folio locked(NumaNode node, Folio folio, long count, PageRange batch, boolean whole, boolean huge, boolean crosses) {
            MlockRules rules = node.mlockRules;
            int asked = count > 1 ? folio.pages() : (int) batch.intersect(mlock.range()).count();
            boolean again = folio.has(Folio.MLOCKED) && (rules.exact() || asked < batch.count());
            if (again) {   // of a folio that has the mark, what was not locked before
                return rules.exact() && asked > 0 ? Mlocking.mlock(node, folio, count, asked) : folio;
            }
            return rules.marksWalked(whole, huge, crosses) ? Mlocking.mlock(node, folio, count, (int) batch.count()) : folio;
        }
    }
}
