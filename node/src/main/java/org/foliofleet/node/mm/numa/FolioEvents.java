package org.foliofleet.node.mm.numa;

import java.util.List;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.RmapWalk.Piece;

/** What can happen to folios, in the forms that several operations share. */
final class FolioEvents {
    private FolioEvents() {}

    /** Somebody took a reference of each of these folios; {@code isolated}: off the LRU list, {@code clear} flags gone with it. */
    record Got(long frame, long pages, int clear) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.folios.transform(frame, frame + pages, (start, count, folio) -> folio.without(clear).withGets(folio.gets() + 1));
        }
    }

    /** Whole folios lost a reference; those that nobody refers to any more are freed. {@code set}: flags that the others get. */
    record Put(FrameRuns frames, int set) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                put(node, frames.start(i), frames.start(i) + frames.count(i));
            }
        }

        private void put(NumaNode node, long from, long end) {
            long at = from;
            while (at < end) {
                Folio folio = node.folios.get(at);
                if (folio == null) {
                    throw new InvariantViolation(node.id() + ": a reference of frame " + at + " is given up, which is free");
                }
                long until = Math.min(end, node.folios.runEnd(at));
                Folio after = folio.withGets(folio.gets() - 1).with(set);
                if (after.references() > 0) {
                    node.folios.set(at, until - at, after);
                } else {
                    for (long head = at; head < until; head += folio.pages()) {
                        node.free(head, after);
                    }
                }
                at = until;
            }
        }
    }

    /** A folio became several; each has one reference, no mapping, and its pages' contents (R8.5, R8.7). */
    record Split(long head, List<Piece> pieces) implements NodeEvent, FolioBirth {
        @Override
        public boolean isSplit() {
            return true;
        }

        private static final int LOST = Folio.PARTIALLY_MAPPED | Folio.DEFERRED | Folio.MM_SHARED | Folio.STALE_EXCLUSIVE
                | Folio.SPLIT_WANTED;

        @Override
        public void applyTo(NumaNode node) {
            Folio whole = node.folios.get(head);
            VmStat statistics = node.statistics;
            if (whole.has(Folio.DEFERRED)) {
                node.deferred.remove(head, whole.order());
            }
            if (whole.has(Folio.PARTIALLY_MAPPED)) {
                statistics.add(whole.order(), FolioStat.NR_ANON_PARTIALLY_MAPPED, -1);
            }
            if (whole.isAnon()) {
                statistics.add(whole.order(), FolioStat.NR_ANON, -1);
            }
            if (whole.order() == PageOrder.PMD) {
                statistics.add(VmEvent.THP_SPLIT_PAGE, 1);
            }
            statistics.add(whole.order(), FolioStat.SPLIT, 1);
            for (Piece piece : pieces) {
                Folio folio = new Folio(piece.order(), whole.flags() & ~LOST, 0, PageCounts.uniform(1 << piece.order(), 0), 0, 1,
                        MmIds.NONE, whole.mapping(), whole.indexDelta(), whole.swapDelta(), 0);
                node.folios.set(piece.frame(), piece.pages(), folio);
                if (whole.pins() > 0) {
                    PagePins.share(node, piece, folio);
                }
                if (whole.isAnon() && piece.order() > 0) {
                    statistics.add(piece.order(), FolioStat.NR_ANON, piece.pages() >> piece.order());
                }
            }
        }

        @Override
        public void births(NumaNode node, Sink sink) {
            for (Piece piece : pieces) {
                sink.born(piece.frame(), piece.pages(), piece.order());
            }
        }
    }

    /** A folio of that order could not be split. */
    record SplitFailed(int order, SplitFailure why) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.tally.splitFailed(why);
            if (order == PageOrder.PMD) {
                node.statistics.add(VmEvent.THP_SPLIT_PAGE_FAILED, 1);
            }
            node.statistics.add(order, FolioStat.SPLIT_FAILED, 1);
        }
    }

    /** A folio was not split as its lock was taken, or it is under writeback; the kernel does not count that. */
    record SplitSkipped(SplitFailure why) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.tally.splitFailed(why);
        }
    }

    /** Flags of folios in a row changed. */
    record FlagsChanged(long frame, long pages, int set, int clear) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.folios.transform(frame, frame + pages, (start, count, folio) -> folio.with(set).without(clear));
        }
    }
}
