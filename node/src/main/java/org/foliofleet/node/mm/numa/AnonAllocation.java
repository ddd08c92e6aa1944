package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.AllocateAnon;
import org.foliofleet.protocol.message.NumaNodeCommand.Granted;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;

/**
 * New anonymous folios: {@code vma_alloc_folio()}, {@code folio_add_new_anon_rmap()} and {@code folio_add_lru_vma()} (R2.5, R2.6).
 */
final class AnonAllocation {
    private AnonAllocation() {}

    /** Grants as many folios of the order as the node has room for. */
    static Granted allocate(NumaNode node, AllocateAnon request, Turn turn) {
        MappingRules.of(node, turn);
        MlockRules.of(node, turn);
        long room = Pressure.grant(node, request.order(), request.count(), request.mark(), turn);
        long count = CgroupAllowances.grant(node, request.cgroup(), request.order(), room);
        if (count == 0) {
            return new Granted(FrameRuns.NONE, request.order(), request.pmd(), room > 0);
        }
        turn.emit(new FoliosAllocated(count == request.count() ? request : request.withCount(count),
                turn.context().settings().shrinkUnderused()));
        return new Granted(node.granted(), request.order(), request.pmd(), false);
    }

    /** Fills new folios. */
    static void store(NumaNode node, FrameRuns frames, ContentRuns contents) {
        int run = 0;
        long used = 0;
        for (ContentRuns.Run content : contents.runs()) {
            long at = 0;
            while (at < content.count() && run < frames.size()) {
                long pages = Math.min(content.count() - at, frames.count(run) - used);
                long frame = frames.start(run) + used;
                if (content.tag() != 0) {
                    node.contents.set(frame, pages, new Content(content.tag(),
                            content.source() < 0 ? Content.NO_SOURCE : content.source() + at - frame));
                }
                at += pages;
                used += pages;
                if (used == frames.count(run)) {
                    run++;
                    used = 0;
                }
            }
        }
    }

    /** Folios were taken from the buddy allocator and mapped once, in the order of the pages that they are for. */
    record FoliosAllocated(AllocateAnon request, boolean queueUnderused) implements NodeEvent, FolioBirth {
        @Override
        public boolean isMlocked() {
            return request.locked();
        }

        @Override
        public void births(NumaNode node, Sink sink) {
            FrameRuns granted = node.granted();
            for (int i = 0; i < granted.size(); i++) {
                sink.born(granted.start(i), granted.count(i), request.order());
            }
        }

        @Override
        public void applyTo(NumaNode node) {
            FrameRuns.Builder runs = new FrameRuns.Builder();
            node.frames.allocate(request.order(), request.count(), 
                    (start, blocks) -> {
                node.tally.allocated(request.order(), blocks);
                runs.add(Frame.of(node.number(), start), blocks << request.order());
            });
            FrameRuns granted = runs.build();
            long index = request.index();
            for (int i = 0; i < granted.size(); i++) {
                populate(node, granted.start(i), granted.count(i), index);
                index += granted.count(i);
            }
            store(node, granted, request.contents());
            count(node, granted.frames() >> request.order());
            node.granted(granted);
        }

        private void populate(NumaNode node, long frame, long pages, long index) {
            Folio folio = Folio.anon(request.order(), root().key(), index - frame).withCgroup(request.cgroup());
            folio = Rmap.add(node, folio, request.pmd(), 0, folio.pages(), request.mm(), pages >> request.order());
            if (request.locked()) {
                folio = Mlocking.born(node, folio, pages >> request.order());
            }
            boolean queued = queueUnderused && request.order() == PageOrder.PMD
                    && (request.purpose() == Purpose.FAULT || request.purpose() == Purpose.COLLAPSE);
            if (queued) {
                folio = folio.with(Folio.DEFERRED);
                node.deferred.append(frame, folio, pages >> request.order());
            }
            node.folios.set(frame, pages, folio);
        }

        private AnonVmaRootId root() {
            return request.root();
        }

        private void count(NumaNode node, long folios) {
            int order = request.order();
            VmStat statistics = node.statistics;
            if (request.purpose() == Purpose.COW) {
                statistics.add(VmEvent.COW_COPIES, folios);
            } else if (request.purpose() == Purpose.FAULT) {
                statistics.add(VmEvent.FAULT_ANON, folios);
            }
            if (order > 0) {
                statistics.add(order, FolioStat.NR_ANON, folios);
                if (request.purpose() == Purpose.FAULT) {
                    statistics.add(order, FolioStat.ANON_FAULT_ALLOC, folios);
                    if (order == PageOrder.PMD) {
                        statistics.add(VmEvent.THP_FAULT_ALLOC, folios);
                    }
                }
            }
        }
    }
}
