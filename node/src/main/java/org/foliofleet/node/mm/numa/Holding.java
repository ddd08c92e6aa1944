package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.NumaNodeCommand.DmaStore;
import org.foliofleet.protocol.message.NumaNodeCommand.DropHolds;
import org.foliofleet.protocol.message.NumaNodeCommand.Held;
import org.foliofleet.protocol.message.NumaNodeCommand.MarkDirty;
import org.foliofleet.protocol.message.NumaNodeCommand.TakeHolds;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** {@code try_grab_folio()} and {@code gup_put_folio()}, mm/gup.c: references and pins that user space holds (R1.9, R1.17, R5.3, R5.9). */
final class Holding {
    private Holding() {}

    static Held take(NumaNode node, TakeHolds take, Turn turn) {
        MappingRules rules = MappingRules.of(node, turn);
        PageRuns pages = take.pages().first(current(node, take.pages()));
        long[] granted = {0};
        boolean[] refused = {false};
        FolioWalk.over(node, pages, (page, head, folio, from, to, count, entry) -> {
            if (refused[0]) {
                return;
            }
            long weight = take.hold() == Hold.PIN && !folio.isLarge() ? 1024 : 1;
            long each = rules.limit(folio).granted(rules.references(folio), to - from, weight);
            granted[0] += each == to - from ? each * count : each;
            refused[0] = each < to - from;
        });
        PageRuns taken = pages.first(granted[0]);
        if (!taken.isEmpty()) {
            turn.emit(new HoldsTaken(take.hold(), taken, take.hold() == Hold.PIN && PagePins.areCounted(turn)));
        }
        if (refused[0]) {
            Refcounts.refuse(node, Refcounts.Operation.GUP, turn);
        }
        return new Held(granted[0], refused[0]);
    }

    /** How many pages, from the first on, still belong to a folio as the entries say. */
    private static long current(NumaNode node, PageRuns runs) {
        long pages = 0;
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i);
            for (long page = runs.start(i); page < runs.end(i);) {
                long frame = entry.frame(page);
                Folio folio = node.folios.get(frame);
                if (folio == null || folio.order() != entry.order() || !folio.isMapped()) {
                    return pages;
                }
                long next = Math.min(runs.end(i), page + node.folios.runEnd(frame) - frame);
                pages += next - page;
                page = next;
            }
        }
        return pages;
    }

    static Void drop(NumaNode node, DropHolds drop, Turn turn) {
        turn.emit(new HoldsDropped(drop.hold(), drop.frames()));
        return null;
    }

    static Void markDirty(NumaNode node, MarkDirty mark, Turn turn) {
        turn.emit(new FoliosDirtied(mark.pages()));
        return null;
    }

    static Void dmaStore(NumaNode node, DmaStore store, Turn turn) {
        turn.emit(new DmaStored(store));
        return null;
    }

    private static Folio with(Folio folio, Hold hold, long change) {
        return hold == Hold.PIN ? folio.withPins(folio.pins() + change) : folio.withGets(folio.gets() + change);
    }

    /** One reference or pin more of each of these pages. */
    private record HoldsTaken(Hold hold, PageRuns pages, boolean byPage) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, pages, (page, head, folio, from, to, count, entry) -> {
                Folio after = Refcounts.raised(node, folio, with(folio, hold, to - from), count);
                node.folios.set(head, count << folio.order(), after);
                if (byPage) {
                    PagePins.change(node, head + from, FolioWalk.pages(folio, from, to, count), 1);
                }
            });
        }
    }

    /** One reference or pin less of each of these frames. */
    private record HoldsDropped(Hold hold, FrameRuns frames) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                long end = frames.start(i) + frames.count(i);
                if (hold == Hold.PIN) {
                    PagePins.change(node, frames.start(i), frames.count(i), -1);
                }
                for (long frame = frames.start(i); frame < end;) {
                    frame = drop(node, frame, end);
                }
            }
        }

        /** Drops what is held through the frames of one folio, or of small folios alike; returns the frame after them. */
        private long drop(NumaNode node, long frame, long end) {
            Folio folio = node.folios.get(frame);
            if (folio.isLarge()) {
                long head = Frame.head(frame, folio.order());
                long next = Math.min(end, head + folio.pages());
                put(node, head, with(folio, hold, frame - next));
                return next;
            }
            long next = Math.min(end, node.folios.runEnd(frame));
            Folio after = with(folio, hold, -1);
            if (after.references() > 0) {
                Refcounts.lowered(node, after, next - frame);
                node.folios.set(frame, next - frame, after);
            } else {
                for (long at = frame; at < next; at++) {
                    put(node, at, after);
                }
            }
            return next;
        }

        private static void put(NumaNode node, long head, Folio after) {
            Refcounts.lowered(node, after, 1);
            node.put(head, after);
        }
    }

    /** A device wrote into frames that are pinned. */
    private record DmaStored(DmaStore store) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            long source = store.source();
            for (int i = 0; i < store.frames().size(); i++) {
                long end = store.frames().start(i) + store.frames().count(i);
                for (long frame = store.frames().start(i); frame < end;) {
                    Folio folio = node.folios.get(frame);
                    long next = Math.min(end, folio.isLarge() ? Frame.head(frame, folio.order()) + folio.pages() : node.folios.runEnd(frame));
                    LostData.storedByHolder(node, folio, next - frame);
                    LostData.stored(node, frame, next - frame);
                    Contents.store(node, frame, next - frame, store.content().tag(), store.content().same() ? Content.NO_SOURCE : source - frame);
                    long head = Frame.head(frame, folio.order());
                    node.folios.set(head, folio.isLarge() ? folio.pages() : next - frame, folio.with(Folio.DIRTY));
                    source += next - frame;
                    frame = next;
                }
            }
        }
    }

    /** Pages were written through something else than a writable entry. */
    private record FoliosDirtied(PageRuns pages) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, pages, (page, head, folio, from, to, count, entry) ->
                    node.folios.set(head, count << folio.order(), folio.with(Folio.DIRTY)));
        }
    }
}
