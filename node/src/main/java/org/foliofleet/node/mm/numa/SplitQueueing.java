package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.QueueForSplit;

/** Folios that are queued for a deferred split though they are mapped whole: what thread A proposes where no split was tried or it failed. */
final class SplitQueueing {
    private SplitQueueing() {}

    static Void queue(NumaNode node, QueueForSplit request, Turn turn) {
        turn.emit(new Queued(request.head(), request.order()));
        return null;
    }

    /** Puts a folio on the queue, if it can be split at all and is not marked yet. For events. */
    static void queue(NumaNode node, long head) {
        Folio folio = node.folios.get(head);
        if (folio.order() < 2 || !folio.isAnon() || folio.has(Folio.SWAPCACHE | Folio.SPLIT_WANTED)) {
            return;
        }
        if (!folio.has(Folio.DEFERRED)) {
            node.deferred.append(head, folio, 1);
        }
        node.folios.set(head, folio.pages(), folio.with(Folio.SPLIT_WANTED | Folio.DEFERRED));
    }

    private record Queued(long head, int order) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            Folio folio = node.folios.get(head);
            if (folio != null && folio.order() == order) {
                queue(node, head);
            }
        }
    }
}
