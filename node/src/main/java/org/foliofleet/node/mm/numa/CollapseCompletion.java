package org.foliofleet.node.mm.numa;

import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.PressureCommand.Watermark;
import org.foliofleet.protocol.message.Collapse.Allocate;
import org.foliofleet.protocol.message.Collapse.GiveBack;
import org.foliofleet.protocol.message.Collapse.MapNew;
import org.foliofleet.protocol.message.Collapse.Unmapped;
import org.foliofleet.protocol.message.FrameRuns;

/** The new folio of a collapse, and the end of the old ones: {@code alloc_charge_folio()}, {@code collapse_huge_page()} (R9.5). */
final class CollapseCompletion {
    private CollapseCompletion() {}

    static FrameRuns allocate(NumaNode node, Allocate request, Turn turn) {
        MappingRules.of(node, turn);
        if (Pressure.grant(node, PageOrder.PMD, 1, Watermark.LOW, turn) == 0) {
            return FrameRuns.NONE;
        }
        if (CgroupAllowances.grant(node, request.cgroup(), PageOrder.PMD, 1) == 0) {
            return null;
        }
        turn.emit(new FolioAllocated(request.cgroup()));
        return node.granted();
    }

    static Void giveBack(NumaNode node, GiveBack giveBack, Turn turn) {
        turn.emit(new FolioGivenBack(giveBack.frame()));
        return null;
    }

    static Void mapNew(NumaNode node, MapNew map, Turn turn) {
        MlockRules.of(node, turn);
        turn.emit(new FolioMapped(map, turn.context().settings().shrinkUnderused()));
        return null;
    }

    static Void unmapped(NumaNode node, Unmapped unmapped, Turn turn) {
        turn.emit(new OldMappingsRemoved(unmapped));
        SwapCacheFreeing.afterUnmap(node, unmapped.runs(), turn);
        return null;
    }

    /** A folio that only its allocator refers to; or none was to be had. */
    private record FolioAllocated(int cgroup) implements NodeEvent, FolioBirth {
        @Override
        public void births(NumaNode node, Sink sink) {
            FrameRuns granted = node.granted();
            if (!granted.isEmpty()) {
                sink.born(granted.start(0), PageOrder.PMD_PAGES, PageOrder.PMD);
            }
        }

        @Override
        public void applyTo(NumaNode node) {
            FrameRuns.Builder runs = new FrameRuns.Builder();
            node.frames.allocate(PageOrder.PMD, 1, (start, blocks) -> {
                node.tally.allocated(PageOrder.PMD, blocks);
                runs.add(Frame.of(node.number(), start), blocks << PageOrder.PMD);
            });
            FrameRuns granted = runs.build();
            if (!granted.isEmpty()) {
                node.folios.set(granted.start(0), PageOrder.PMD_PAGES, Folio.anon(PageOrder.PMD, 0, 0).withFlags(0).withCgroup(cgroup).withGets(1));
                node.statistics.add(VmEvent.THP_COLLAPSE_ALLOC, 1);
            }
            node.granted(granted);
        }
    }

    private record FolioGivenBack(long frame) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            Folio folio = node.folios.get(frame);
            node.put(frame, folio.withGets(folio.gets() - 1));
        }
    }

    /** The new folio has its contents and is mapped by a PMD. */
    private record FolioMapped(MapNew map, boolean queueUnderused) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            long frame = map.frame();
            Folio fresh = Folio.anon(PageOrder.PMD, map.root().key(), map.index() - frame).withCgroup(node.folios.get(frame).cgroup());
            Folio folio = Rmap.add(node, fresh, true, 0, 1 << PageOrder.PMD, map.mm(), 1);
            if (map.locked()) {
                folio = Mlocking.born(node, folio, 1);
            }
            if (queueUnderused) {
                folio = folio.with(Folio.DEFERRED);
                node.deferred.append(frame, folio, 1);
            }
            node.folios.set(frame, PageOrder.PMD_PAGES, folio);
            AnonAllocation.store(node, FrameRuns.of(frame, PageOrder.PMD_PAGES), map.contents());
            node.statistics.add(PageOrder.PMD, FolioStat.NR_ANON, 1);
        }
    }

    /** Isolated folios lost the mappings of a block and went back to their lists, or were freed. */
    private record OldMappingsRemoved(Unmapped unmapped) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            MunlockBatches batches = unmapped.vmaLocked() ? new MunlockBatches(node.statistics, unmapped.lruBatch()) : null;
            TreeSet<Long> large = new TreeSet<>();
            FolioWalk.over(node, unmapped.runs(), (page, head, folio, from, to, count, entry) -> {
                Folio old = folio;
                if (folio.isLarge()) {
                    for (long i = 0; i < count; i++) {
                        old = batches == null ? folio : batches.large(folio);
                        large.add(head + (i << folio.order()));
                    }
                } else {
                    for (long i = 0; i < count && batches != null; i++) {
                        old = batches.small(folio);
                    }
                    old = CollapseIsolation.putBack(old);
                }
                Unmapping.remove(node, head, old, from, to, count, entry, unmapped.mm(), false);
            });
            if (batches != null) {
                batches.end();
            }
            for (long head : large) {
                node.put(head, CollapseIsolation.putBack(node.folios.get(head)));
            }
        }
    }
}
