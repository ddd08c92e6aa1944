package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.AllocateCache;
import org.foliofleet.protocol.message.NumaNodeCommand.DropCache;
import org.foliofleet.protocol.message.NumaNodeCommand.MapCache;
import org.foliofleet.protocol.message.NumaNodeCommand.MayMap;
import org.foliofleet.protocol.message.PageRuns;

/** Folios of page caches: allocation, file rmap, dirty flags, truncation (R2.9 to R2.12, R6.5, R6.6). */
final class CacheFolios {
    private CacheFolios() {}

    static FrameRuns allocate(NumaNode node, AllocateCache request, Turn turn) {
        MappingRules.of(node, turn);
        long pages = request.indices().frames();
        long room = Pressure.grant(node, request.order(), pages >> request.order(), request.mark(), turn);
        long granted = CgroupAllowances.grant(node, request.cgroup(), request.order(), room) << request.order();
        if (granted == 0) {
            return room > 0 ? null : FrameRuns.NONE;
        }
        turn.emit(new CacheFoliosAllocated(granted == pages ? request : new AllocateCache(request.mapping(), request.shmem(),
                MigrationFrames.part(request.indices(), 0, granted), request.order(), request.swapped(), request.mark(), request.cgroup())));
        return node.granted();
    }

    static Boolean mayMap(NumaNode node, MayMap request, Turn turn) {
        MappingRules rules = MappingRules.of(node, turn);
        boolean[] refused = {false};
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) ->
                refused[0] |= rules.limit(folio).refusesMapping(rules.references(folio), rules.added(entry.isPmd(), to - from)));
        if (refused[0]) {
            Refcounts.refuse(node, Refcounts.Operation.FAULT, turn);
        }
        return !refused[0];
    }

    static Void map(NumaNode node, MapCache map, Turn turn) {
        MappingRules.of(node, turn);
        MlockRules.of(node, turn);
        turn.emit(new CacheMapped(map));
        return null;
    }

    static Void drop(NumaNode node, DropCache drop, Turn turn) {
        turn.emit(new CacheDropped(drop.runs()));
        return null;
    }

    /** Folios were taken from the buddy allocator for file pages. */
    record CacheFoliosAllocated(AllocateCache request) implements NodeEvent, FolioBirth {
        @Override
        public void births(NumaNode node, Sink sink) {
            FrameRuns granted = node.granted();
            for (int i = 0; i < granted.size(); i++) {
                sink.born(granted.start(i), granted.count(i), request.order());
            }
        }

        @Override
        public void applyTo(NumaNode node) {
            int order = request.order();
            FrameRuns.Builder all = new FrameRuns.Builder();
            for (int i = 0; i < request.indices().size(); i++) {
                long[] index = {request.indices().start(i)};
                FrameRuns.Builder runs = new FrameRuns.Builder();
                node.frames.allocate(order, request.indices().count(i) >> order,
                        (start, blocks) -> {
                            node.tally.allocated(order, blocks);
                            runs.add(Frame.of(node.number(), start), blocks << order);
                        });
                FrameRuns granted = runs.build();
                for (int k = 0; k < granted.size(); k++) {
                    long frame = granted.start(k);
                    node.folios.set(frame, granted.count(k), fresh(index[0] - frame));
                    index[0] += granted.count(k);
                    all.add(frame, granted.count(k));
                }
                if (granted.frames() < request.indices().count(i)) {
                    break;
                }
            }
            FrameRuns granted = all.build();
            if (request.swapped() != null) {
                AnonAllocation.store(node, granted, request.swapped().contents());
                node.statistics.add(request.swapped().zero() ? VmEvent.SWPIN_ZERO : VmEvent.PSWPIN, granted.frames());
                if (order > 0 && !request.swapped().zero()) {
                    node.statistics.add(order, FolioStat.SWPIN, granted.frames() >> order);
                }
            } else if (order > 0) {
                node.statistics.add(order, FolioStat.SHMEM_ALLOC, granted.frames() >> order);
                if (order == PageOrder.PMD) {
                    node.statistics.add(VmEvent.THP_FILE_ALLOC, granted.frames() >> order);
                }
            }
            node.granted(granted);
        }

        private Folio fresh(long indexDelta) {
            Folio folio = Folio.shmem(request.order(), request.mapping().key(), indexDelta).withCgroup(request.cgroup());
            if (request.swapped() != null) {
                folio = folio.with(Folio.DIRTY);
            }
            return request.shmem() ? folio : folio.without(Folio.SWAPBACKED);
        }
    }

    /** {@code __folio_add_file_rmap()}: a folio that one call maps whole in a locked VMA is mlocked (R6.6). */
    private record CacheMapped(MapCache map) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, map.runs(), (page, head, folio, from, to, count, entry) -> {
                Folio after = Rmap.add(node, folio, entry.isPmd(), from, to, map.mm(), count);
                if (map.dirty()) {
                    after = after.with(Folio.DIRTY);
                }
                if (entry.isPmd()) {
                    node.statistics.add(VmEvent.THP_FILE_MAPPED, count);
                }
                if (map.locked() && node.mlockRules.marks(to - from == folio.pages(), to - from == folio.pages())) {
                    after = Mlocking.mlock(node, after, count, to - from);
                }
                node.folios.set(head, count << folio.order(), Refcounts.raised(node, folio, after, count));
            });
        }
    }

    /** {@code truncate_cleanup_folio()} and {@code filemap_remove_folio()}; what nobody else refers to is freed. */
    private record CacheDropped(PageRuns runs) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
                if (from != 0 || to != folio.pages() || !folio.has(Folio.CACHED)) {
                    throw new InvariantViolation(node.id() + ": file page " + page + " leaves the page cache, of which its folio is no part: "
                            + folio + " by " + entry);
                }
                Folio after = folio.without(Folio.CACHED | Folio.DIRTY).withMapping(0, 0);
                for (long i = 0; i < count; i++) {
                    node.put(head + (i << folio.order()), after);
                }
            });
        }
    }
}
