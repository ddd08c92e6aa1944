package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FolioCommand.ConfirmDiscard;
import org.foliofleet.protocol.message.FolioCommand.KeepLazyfree;
import org.foliofleet.protocol.message.FolioCommand.Relock;
import org.foliofleet.protocol.message.FolioCommand.Remapped;
import org.foliofleet.protocol.message.FolioCommand.Unmapped;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.policy.UnmapPolicies.LazyfreeRefCheck;

/** What rmap walks do to the folios that they came from: mappings removed and put back one by one (R6.14 to R6.17). */
final class RmapUpdates {
    private RmapUpdates() {}

    static Void unmapped(NumaNode node, Unmapped unmapped, Turn turn) {
        MlockRules.of(node, turn);
        turn.emit(new EntriesTaken(unmapped));
        return null;
    }

    static Void remapped(NumaNode node, Remapped remapped, Turn turn) {
        MlockRules.of(node, turn);
        turn.emit(new EntriesRestored(remapped));
        return null;
    }

    static Void relock(NumaNode node, Relock relock, Turn turn) {
        MlockRules.of(node, turn);
        turn.emit(new LockedKept(relock.runs(), relock.skipped()));
        return null;
    }

    static Void keepLazyfree(NumaNode node, KeepLazyfree keep, Turn turn) {
        turn.emit(new LazyfreeKept(keep.runs()));
        return null;
    }

    static FolioCommand.StillMapped confirmDiscard(NumaNode node, ConfirmDiscard request, Turn turn) {
        PageRuns.Builder keep = PageRuns.builder();
        PageRuns.Builder drop = PageRuns.builder();
        PageRuns.Builder dirty = PageRuns.builder();
        boolean strict = turn.context().settings().policies().unmap().lazyfreeRefCheck() == LazyfreeRefCheck.STRICT;
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            long pages = count == 1 ? to - from : count << folio.order();
            boolean isDirty = folio.has(Folio.DIRTY);
            boolean held = strict && folio.references() != folio.mapcount() + 1;
            (isDirty || held ? keep : drop).add(page, pages, entry);
            if (isDirty) {
                dirty.add(page, pages, entry);
            }
        });
        PageRuns dirtied = dirty.build();
        if (!dirtied.isEmpty()) {
            turn.emit(new LazyfreeKept(dirtied));
        }
        turn.emit(new EntriesDropped(request.mm(), drop.build(), request.locked()));
        return new FolioCommand.StillMapped(keep.build());
    }

    /** Migration or swap entries stand where entries mapped these pages. */
    private record EntriesTaken(Unmapped unmapped) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, unmapped.runs(), (page, head, folio, from, to, count, entry) -> {
                Folio before = entry.has(Pte.DIRTY) ? folio.with(Folio.DIRTY) : folio;
                Folio after = Rmap.remove(node, before, entry.isPmd(), from, to, unmapped.mm(), count);
                boolean partial = folio.isAnon() && (entry.isPmd() ? node.rules.becamePartiallyMapped(before, after, from, to, true)
                        : node.rules.passedPartiallyMapped(before, after, from, to));
                if (entry.isPmd() && unmapped.splits()) {
                    node.statistics.add(VmEvent.THP_SPLIT_PMD, count);
                }
                if (partial) {
                    after = Unmapping.queuePartiallyMapped(node, head, after);
                }
                if (unmapped.locked()) {
                    after = Mlocking.munlock(node, after, count, to - from);
                }
                Refcounts.lowered(node, after, count);
                node.folios.set(head, count << folio.order(), after);
            });
        }
    }

    /** Pages are mapped again; small and huge folios in locked VMAs are mlocked. */
    private record EntriesRestored(Remapped remapped) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, remapped.runs(), (page, head, folio, from, to, count, entry) -> {
                Folio after = Rmap.add(node, folio, entry.isPmd(), from, to, remapped.mm(), count);
                if (remapped.locked() && node.mlockRules.marks(!folio.isLarge() || entry.isPmd(), to - from == folio.pages())) {
                    after = Mlocking.mlock(node, after, count, to - from);
                }
                node.folios.set(head, count << folio.order(), after);
            });
        }
    }

    /** Locked VMAs keep what reclaim asked for: these folios are mlocked. */
    private record LockedKept(PageRuns runs, long skipped) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.RECLAIM_LOCKED_SKIPPED, skipped);
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
                node.statistics.add(VmEvent.MLOCK_REPAIRED, folio.has(Folio.MLOCKED) ? 0 : count);
                Folio kept = node.mlockRules.exact() && folio.has(Folio.MLOCKED) ? folio : Mlocking.mlock(node, folio, count, folio.pages());
                node.folios.set(head, count << folio.order(), kept);
            });
        }
    }

    /** Lazyfree folios were found dirty and are swap-backed again. */
    private record LazyfreeKept(PageRuns runs) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) ->
                    node.folios.set(head, count << folio.order(), folio.with(Folio.DIRTY | Folio.SWAPBACKED)));
        }
    }

    /**
     * Lazyfree pages that nobody found dirty are no longer mapped.
     *
     * @param locked in a locked VMA
     */
    private record EntriesDropped(int mm, PageRuns runs, boolean locked) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
                Folio after = Rmap.remove(node, folio, entry.isPmd(), from, to, mm, count);
                if (node.rules.becamePartiallyMapped(folio, after, from, to, entry.isPmd())) {
                    after = Unmapping.queuePartiallyMapped(node, head, after);
                }
                if (locked) {
                    after = Mlocking.munlock(node, after, count, to - from);
                }
                node.folios.set(head, count << folio.order(), LostData.dropped(node, head, folio, after, from, to, count, entry, locked));
            });
        }
    }
}
