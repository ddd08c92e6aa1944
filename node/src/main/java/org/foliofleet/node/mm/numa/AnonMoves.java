package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Userfault.MoveAnon;

/** {@code move_present_ptes()}, {@code move_pages_huge_pmd()}: folios get another anon_vma and index (R7.39). */
final class AnonMoves {
    private AnonMoves() {}

    static Long move(NumaNode node, MoveAnon move, Turn turn) {
        long[] pages = {0};
        boolean[] pinned = {false};
        FolioWalk.over(node, move.runs(), (page, head, folio, from, to, count, entry) -> {
            pinned[0] |= folio.isMaybePinned();
            if (!pinned[0]) {
                pages[0] += FolioWalk.pages(folio, from, to, count);
            }
        });
        if (pages[0] > 0) {
            turn.emit(new FoliosMoved(new MoveAnon(move.runs().first(pages[0]), move.root(), move.shift())));
        }
        return pages[0];
    }

    /** Whole folios are found at another place from now on. */
    private record FoliosMoved(MoveAnon move) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.edit(node, move.runs(), (page, head, folio, from, to, count, entry) ->
                    folio.withMapping(move.root().key(), move.shift() - entry.delta()));
        }
    }
}
