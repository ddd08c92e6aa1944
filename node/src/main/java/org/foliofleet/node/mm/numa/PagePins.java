package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.RmapWalk.Piece;
import org.foliofleet.protocol.policy.MlockPolicies.PinGranularity;

/**
 * Pins by page: switch pin_granularity. A split then leaves what is pinned in pieces as large as possible and takes the rest
 * apart; the kernel knows a number of pins of the folio only, and splits nothing that is pinned (R1.11).
 */
final class PagePins {
    private PagePins() {}

    static boolean areCounted(Turn turn) {
        return turn.context().settings().policies().mlock().pinGranularity() == PinGranularity.PAGE;
    }

    /** Whether it is known which pages of the folio are pinned. */
    static boolean areKnown(NumaNode node, Folio folio) {
        return node.pagePins != null && folio.isAnon() && !folio.has(Folio.SWAPCACHE);
    }

    /** Pins of pages were taken, or given up with {@code change} -1. For events. */
    static void change(NumaNode node, long frame, long pages, long change) {
        if (node.pagePins == null) {
            if (change < 0) {
                return;
            }
            node.pagePins = new RunMap<>();
        }
        for (long at = frame; at < frame + pages; at++) {
            Long before = node.pagePins.get(at);
            long after = (before == null ? 0 : before) + change;
            if (after > 0) {
                node.pagePins.set(at, 1, after);
            } else {
                node.pagePins.clear(at, 1);
            }
        }
    }

    private static boolean isPinned(NumaNode node, long frame, long pages) {
        long[] pinned = {0};
        node.pagePins.forEach(frame, frame + pages, (start, count, pins) -> pinned[0] += count);
        return pinned[0] == pages;
    }

    /** Adds those frames of a row that are not pinned. */
    static void unpinned(NumaNode node, long start, long count, FrameRuns.Builder found) {
        if (node.pagePins == null) {
            found.add(start, count);
            return;
        }
        node.pagePins.forEachWithGaps(start, start + count, (from, pages, pins) -> {
            if (pins == null) {
                found.add(from, pages);
            }
        });
    }

    /** The pieces of a split, where blocks that are pinned page by page stay whole. Within a step. */
    static List<Piece> keepTogether(NumaNode node, long head, Folio folio, List<Piece> pieces, Turn turn) {
        if (folio.pins() == 0 || !areKnown(node, folio) || !areCounted(turn)) {
            return pieces;
        }
        List<Piece> kept = new ArrayList<>();
        block(node, head, folio.order(), pieces, kept);
        return List.copyOf(kept);
    }

    private static void block(NumaNode node, long head, int order, List<Piece> wanted, List<Piece> kept) {
        if (orderAt(wanted, head) >= order || isPinned(node, head, PageOrder.pages(order))) {
            add(kept, head, order);
            return;
        }
        int next = order == 2 ? 0 : order - 1;
        for (long at = head; at < head + PageOrder.pages(order); at += PageOrder.pages(next)) {
            block(node, at, next, wanted, kept);
        }
    }

    private static int orderAt(List<Piece> pieces, long frame) {
        for (Piece piece : pieces) {
            if (frame >= piece.frame() && frame < piece.frame() + piece.pages()) {
                return piece.order();
            }
        }
        throw new IllegalStateException("frame " + frame + " is in none of " + pieces);
    }

    /** Neighbours of equal order are one piece. */
    private static void add(List<Piece> kept, long head, int order) {
        int last = kept.size() - 1;
        if (last >= 0 && kept.get(last).order() == order) {
            kept.set(last, new Piece(kept.get(last).frame(), kept.get(last).pages() + PageOrder.pages(order), order));
        } else {
            kept.add(new Piece(head, PageOrder.pages(order), order));
        }
    }

    /** A pinned folio was split: each piece has the pins of its pages. For events. */
    static void share(NumaNode node, Piece piece, Folio folio) {
        for (long head = piece.frame(); head < piece.frame() + piece.pages(); head += folio.pages()) {
            long[] pins = {0};
            node.pagePins.forEach(head, head + folio.pages(), (start, count, each) -> pins[0] += count * each);
            if (pins[0] > 0) {
                node.folios.set(head, folio.pages(), folio.withPins(pins[0]));
            }
        }
    }
}
