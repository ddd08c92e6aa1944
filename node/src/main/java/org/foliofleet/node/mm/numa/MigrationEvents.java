package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.PressureCommand.Watermark;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Migration.Allocate;
import org.foliofleet.protocol.message.Migration.Detach;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Moved;
import org.foliofleet.protocol.message.Migration.Release;
import org.foliofleet.protocol.message.Migration.Settle;

/** What happens to the old and the new folios of a migration, on their nodes: {@code __folio_migrate_mapping()} (R11.8). */
final class MigrationEvents {
    private MigrationEvents() {}

    static FrameRuns allocate(NumaNode node, Allocate request, Turn turn) {
        long count = Pressure.grant(node, request.order(), request.count(), Watermark.LOW, turn);
        if (count == 0) {
            return FrameRuns.NONE;
        }
        turn.emit(new TargetsAllocated(request.order(), count));
        return node.granted();
    }

    static Void release(NumaNode node, Release request, Turn turn) {
        turn.emit(new FolioEvents.Put(request.frames(), 0));
        return null;
    }

    static Void settle(NumaNode node, Settle request, Turn turn) {
        turn.emit(new Settled(request));
        long at = 0;
        for (Moved run : request.folios()) {
            FrameRuns to = MigrationFrames.part(request.frames(), at, run.pages());
            for (int i = 0; i < to.size() && (run.flags() & Folio.KSM) != 0; i++) {
                for (long page = 0; page < to.count(i); page++) {
                    turn.send(new KsmdId(), new Ksm.Migrated(run.index() + page, to.start(i) + page));
                }
            }
            at += run.pages();
        }
        return null;
    }

    static List<Moved> detach(NumaNode node, Detach request, Turn turn) {
        return detach(node, request.group(), turn);
    }

    /** {@code folio_ref_freeze()}: empties the folios to which nobody but their caches and the caller refers. Within a step. */
    static List<Moved> detach(NumaNode node, Group group, Turn turn) {
        List<Moved> moved = new ArrayList<>();
        node.folios.forEach(group.frame(), group.frame() + group.pages(), (start, count, folio) -> {
            if (!folio.isMapped() && folio.references() - folio.cacheReferences() == 1) {
                moved.add(new Moved(start, count, folio.order(), folio.flags(), folio.mapping(), start + folio.indexDelta(),
                        folio.has(Folio.SWAPCACHE) ? start + folio.swapDelta() : -1));
            }
        });
        if (!moved.isEmpty()) {
            turn.emit(new Emptied(List.copyOf(moved)));
        }
        return List.copyOf(moved);
    }

    /** New folios, each with one reference, off the LRU lists. */
    record TargetsAllocated(int order, long count) implements NodeEvent, FolioBirth {
        @Override
        public void births(NumaNode node, Sink sink) {
            FrameRuns granted = node.granted();
            for (int i = 0; i < granted.size(); i++) {
                sink.born(granted.start(i), granted.count(i), order);
            }
        }

        @Override
        public void applyTo(NumaNode node) {
            FrameRuns.Builder runs = new FrameRuns.Builder();
            node.frames.allocate(order, count, (start, blocks) -> {
                node.tally.allocated(order, blocks);
                runs.add(Frame.of(node.number(), start), blocks << order);
            });
            FrameRuns granted = runs.build();
            for (int i = 0; i < granted.size(); i++) {
                node.folios.set(granted.start(i), granted.count(i), empty(order));
            }
            node.granted(granted);
        }
    }

    private static Folio empty(int order) {
        return new Folio(order, 0, 0, PageCounts.uniform(1 << order, 0), 0, 1, MmIds.NONE, 0, 0, 0, 0);
    }

    /** Old folios have given their identity away; the caller's reference is left. */
    private record Emptied(List<Moved> folios) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (Moved run : folios) {
                Folio old = node.folios.get(run.frame());
                if (old.has(Folio.DEFERRED)) {
                    node.deferred.remove(run.frame(), run.order());
                }
                if (old.has(Folio.PARTIALLY_MAPPED)) {
                    node.statistics.add(run.order(), FolioStat.NR_ANON_PARTIALLY_MAPPED, -1);
                }
                if (old.isAnon() && old.isLarge()) {
                    node.statistics.add(run.order(), FolioStat.NR_ANON, -(run.pages() >> run.order()));
                }
                if (old.has(Folio.MLOCKED)) {   // no locked VMA has it: it stays so until it is freed
                    node.statistics.add(VmEvent.UNEVICTABLE_PGS_CLEARED, run.pages());
                }
                // ksmd is to know that the page of a stable node is on its way: ksm_get_folio() waits for it
                Folio left = empty(run.order());
                node.folios.set(run.frame(), run.pages(), old.has(Folio.KSM) ? left.with(Folio.KSM).withMapping(run.mapping(), old.indexDelta()) : left);
                node.folios.moveCharge(old.cgroup(), -run.pages());
            }
        }
    }

    /** New folios took over what the old ones were, and are on their LRU lists. */
    private record Settled(Settle settle) implements NodeEvent {
        private static final int LOST = Folio.PARTIALLY_MAPPED | Folio.DEFERRED | Folio.MM_SHARED | Folio.STALE_EXCLUSIVE | Folio.UNEVICTABLE
                | Folio.MLOCKED;

        @Override
        public void applyTo(NumaNode node) {
            long at = 0;
            for (Moved run : settle.folios()) {
                FrameRuns to = MigrationFrames.part(settle.frames(), at, run.pages());
                long offset = 0;
                for (int i = 0; i < to.size(); i++) {
                    long frame = to.start(i);
                    node.folios.moveCharge(Folio.cgroup(run.flags()), to.count(i));
                    long slot = run.slot() < 0 ? 0 : run.slot() + offset - frame;
                    node.folios.set(frame, to.count(i), new Folio(run.order(), run.flags() & ~LOST | Folio.LRU, 0,
                            PageCounts.uniform(1 << run.order(), 0), 0, 1, MmIds.NONE, run.mapping(), run.index() + offset - frame, slot, 0));
                    offset += to.count(i);
                }
                if ((run.flags() & Folio.UNEVICTABLE) != 0) {
                    node.statistics.add(VmEvent.UNEVICTABLE_PGS_RESCUED, run.pages());
                }
                if ((run.flags() & Folio.ANON) != 0 && run.order() > 0) {
                    node.statistics.add(run.order(), FolioStat.NR_ANON, run.pages() >> run.order());
                }
                at += run.pages();
            }
            AnonAllocation.store(node, settle.frames(), settle.contents());
        }
    }

    /** A folio was split so that its pieces can move. */
    record SplitFirst(int order) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            if (order == PageOrder.PMD) {
                node.statistics.add(VmEvent.THP_MIGRATION_FAIL, 1);
                node.statistics.add(VmEvent.THP_MIGRATION_SPLIT, 1);
            }
        }
    }

    /**
     * How a migration went.
     *
     * @param moved       pages
     * @param stayed      pages
     * @param order       of each folio
     * @param foliosStayed folios
     */
    record Counted(long moved, long stayed, int order, long foliosStayed) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.PGMIGRATE_SUCCESS, moved);
            node.statistics.add(VmEvent.PGMIGRATE_FAIL, stayed);
            if (order == PageOrder.PMD) {
                node.statistics.add(VmEvent.THP_MIGRATION_SUCCESS, moved >> order);
                node.statistics.add(VmEvent.THP_MIGRATION_FAIL, foliosStayed);
            }
        }
    }
}
