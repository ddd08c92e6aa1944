package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.NumaNodeCommand.Unmap;
import org.foliofleet.protocol.message.Pte;

/**
 * Mappings that went away: {@code folio_remove_rmap_ptes()}, {@code folio_remove_rmap_pmd()} and the final put (R6.7 to
 * R6.11, R7.2, R7.3).
 */
final class Unmapping {
    private Unmapping() {}

    static Void unmap(NumaNode node, Unmap unmap, Turn turn) {
        node.unmappedSwapCache = false;
        MlockRules.of(node, turn);
        turn.emit(new MappingsRemoved(unmap));
        if (node.unmappedSwapCache) {
            SwapCacheFreeing.afterUnmap(node, unmap.runs(), turn);
        }
        return null;
    }

    /** Entries of one mm no longer map these pages. */
    private record MappingsRemoved(Unmap unmap) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            long[] batchEnd = {-1, -1};
            FolioWalk.edit(node, unmap.runs(), (page, head, folio, from, to, count, entry) -> {
                boolean sameBatch = folio.isLarge() && head == batchEnd[0] && page == batchEnd[1] && !PageOrder.isAligned(page, PageOrder.PMD);
                batchEnd[0] = head;
                batchEnd[1] = page + to - from;
                return removed(node, head, folio, from, to, count, entry, unmap.mm(), unmap.vmaLocked() && (!sameBatch || node.mlockRules.exact()));
            });
        }
    }

    /** Removes one mapping of each of {@code count} folios that are alike, or of a part of one. */
    static void remove(NumaNode node, long head, Folio folio, int from, int to, long count, Pte entry, int mm, boolean vmaLocked) {
        Folio after = removed(node, head, folio, from, to, count, entry, mm, vmaLocked);
        if (after != null) {
            node.folios.set(head, count << folio.order(), after);
        }
    }

    /** The same, where the caller stores what is returned as the new value of all the folios, if it is not null. */
    private static Folio removed(NumaNode node, long head, Folio folio, int from, int to, long count, Pte entry, int mm,
            boolean vmaLocked) {
        Folio after = folio;
        if (!entry.isAnon() && entry.has(Pte.DIRTY)) {
            after = after.with(Folio.DIRTY);
        }
        if (entry.isAnon() && from == 0 && entry.has(Pte.EXCLUSIVE)) {
            after = after.with(Folio.STALE_EXCLUSIVE);
        }
        Folio before = after;
        after = Rmap.remove(node, after, entry.isPmd(), from, to, mm, count);
        if (after.entire() < 0 || after.counts().hasNegative()) {
            throw new InvariantViolation(node.id() + ": mm " + mm + " unmaps frame " + Frame.number(head) + " pages " + from + " to " + to
                    + ", which nobody maps: " + folio);
        }
        boolean partial = folio.isLarge() && after.isAnon() && node.rules.becamePartiallyMapped(before, after, from, to, entry.isPmd());
        int pages = folio.pages();
        boolean freed = after.references() == 0 && !after.has(Folio.SATURATED);
        Refcounts.lowered(node, after, count);
        node.unmappedSwapCache |= after.has(Folio.SWAPCACHE) && !after.isMapped();
        if (count > 1 && freed && !vmaLocked && !folio.isLarge()) {
            if (after.has(Folio.MLOCKED)) {
                node.statistics.add(VmEvent.UNEVICTABLE_PGS_CLEARED, count);
            }
            freeSmall(node, head, count);
            return null;
        }
        if (!freed && !vmaLocked && !partial) {
            return after;
        }
        for (long i = 0; i < count; i++) {
            long at = head + (i << folio.order());
            Folio result = after;
            if (partial) {
                result = queuePartiallyMapped(node, at, result);
            }
            if (vmaLocked) {
                result = Mlocking.munlock(node, result, 1, to - from);
            }
            if (freed) {
                node.free(at, result, vmaLocked);
            } else {
                node.folios.set(at, pages, result);
            }
        }
        return null;
    }

    private static void freeSmall(NumaNode node, long frame, long count) {
        node.folios.clear(frame, count);
        node.contents.clear(frame, count);
        node.touchers.clear(frame, count);
        LostData.gone(node, frame, count);
        node.tally.freed(0, count);
        node.frames.freeRun(Frame.number(frame), count);
        node.freed().add(frame, count, 0, false);
    }

    /** {@code deferred_split_folio(folio, true)} (R1.15, R6.9, R8.12). */
    static Folio queuePartiallyMapped(NumaNode node, long head, Folio folio) {
        if (folio.order() < 2 || folio.has(Folio.SWAPCACHE)) {
            return folio;
        }
        Folio result = folio;
        if (!folio.has(Folio.PARTIALLY_MAPPED)) {
            result = result.with(Folio.PARTIALLY_MAPPED);
            if (folio.order() == PageOrder.PMD) {
                node.statistics.add(VmEvent.THP_DEFERRED_SPLIT_PAGE, 1);
            }
            node.statistics.add(folio.order(), FolioStat.SPLIT_DEFERRED, 1);
            node.statistics.add(folio.order(), FolioStat.NR_ANON_PARTIALLY_MAPPED, 1);
        }
        if (!folio.has(Folio.DEFERRED)) {
            node.deferred.append(head, folio, 1);
            result = result.with(Folio.DEFERRED);
        }
        return result;
    }
}
