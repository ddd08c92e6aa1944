package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.LatencyKind;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.AtVma;
import org.foliofleet.protocol.message.RmapWalk.Result;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.policy.UnmapPolicies.TtuMlockRestore;
import org.foliofleet.protocol.policy.UnmapPolicies.TtuPmdSplitPoint;

/** {@code page_vma_mapped_walk()}: the entries of a VMA that map given pages, and who acts on them. */
final class RmapEntries {
    private RmapEntries() {}

    static Result walk(Vma vma, AtVma request, Turn turn) {
        RmapWalk walk = request.walk();
        if (turn.step(() -> vma.info == null)) {
            // fork is copying the entries: as when the page table's lock is taken, the folio stays mapped
            return Result.NOTHING;
        }
        turn.run(() -> turn.chargeStall(LatencyKind.WALK, visited(vma, walk) * turn.context().costs().walkEntry()));
        RmapWalk.Action action = walk.action();
        if (action instanceof RmapWalk.ToMigration away) {
            return turn.step(() -> MigrationEntries.set(vma, walk, away, turn));
        }
        if (action instanceof RmapWalk.FromMigration back) {
            turn.run(() -> MigrationEntries.remove(vma, walk, back, turn));
            return Result.NOTHING;
        }
        if (action instanceof RmapWalk.ToSwap swap) {
            return turn.step(() -> TryToUnmap.toSwap(vma, walk, swap.swapDelta(), turn));
        }
        if (action instanceof RmapWalk.UnmapFile file) {
            return turn.step(() -> TryToUnmap.file(vma, walk, file.ignoreMlock(), turn));
        }
        if (action instanceof RmapWalk.Discard discard) {
            return LazyfreeDiscard.discard(vma, walk, discard.held(), turn);
        }
        return turn.step(() -> FolioReferenced.test(vma, walk, turn));
    }

    /** Entries that the walk looks at. Within a step. */
    private static long visited(Vma vma, RmapWalk walk) {
        long page = vma.info.addressOf(walk.index());
        long from = Math.max(page, vma.info.start());
        long to = Math.min(page + walk.pages(), vma.info.end());
        Pte first = from < to ? vma.pages.get(from) : null;
        return first != null && first.isPmd() ? to - from + PageOrder.PMD_PAGES - 1 >> PageOrder.PMD : Math.max(0, to - from);
    }

    /** The entries in that state that name the walk's frames at the addresses where they belong. */
    static PageRuns find(Vma vma, RmapWalk walk, Pte.State state) {
        long page = vma.info.addressOf(walk.index());
        long delta = walk.frame() - page;
        long from = Math.max(page, vma.info.start());
        long to = Math.min(page + walk.pages(), vma.info.end());
        PageRuns.Builder found = PageRuns.builder();
        if (from < to) {
            vma.pages.forEach(from, to, (start, count, entry) -> {
                if (entry.state() == state && entry.delta() == delta) {
                    found.add(start, count, entry);
                }
            });
        }
        return found.build();
    }

    /** Splits the huge entries among those found, and finds again. Within a step. */
    static PageRuns findSplit(Vma vma, RmapWalk walk, Turn turn) {
        PageRuns found = find(vma, walk, Pte.State.PRESENT);
        boolean huge = false;
        for (int i = 0; i < found.size(); i++) {
            if (found.entry(i).isPmd()) {
                PmdSplit.split(vma, found.start(i), found.count(i), found.entry(i), true, turn);
                huge = true;
            }
        }
        return huge ? find(vma, walk, Pte.State.PRESENT) : found;
    }

    static NumaNodeId node(RmapWalk walk) {
        return new NumaNodeId(Frame.node(walk.frame()));
    }

    static boolean isLocked(Vma vma) {
        return vma.info.has(VmaFlags.LOCKED);
    }

    /** {@code try_to_unmap()} of old split huge entries before it looked at anything (R6.14, switch ttu_pmd_split_point). Within a step. */
    static void splitBeforeWalk(Vma vma, RmapWalk walk, Turn turn) {
        if (turn.context().settings().policies().unmap().ttuPmdSplitPoint() == TtuPmdSplitPoint.BEFORE_WALK) {
            findSplit(vma, walk, turn);
        }
    }

    /**
     * What a locked VMA does instead of giving its entries up: folios that it maps whole, within one page table, are
     * mlocked again (R6.12, R6.14), or those that the switch ttu_mlock_restore names. Within a step.
     */
    static Result keepLocked(Vma vma, RmapWalk walk, PageRuns found, Turn turn) {
        if (!found.isEmpty()) {
            PageRuns restored = restored(walk, found, turn.context().settings().policies().unmap().ttuMlockRestore());
            turn.send(node(walk), new FolioCommand.Relock(restored, found.pages()));
        }
        return new Result(!found.isEmpty(), 0, !found.isEmpty());
    }

    /** Entries of the folios that are mlocked again. */
    private static PageRuns restored(RmapWalk walk, PageRuns found, TtuMlockRestore rule) {
        boolean any = rule == TtuMlockRestore.FULLY_MAPPED_ONE_TABLE || rule != TtuMlockRestore.NONE && walk.order() == 0;
        if (any) {
            return whole(walk, found);
        }
        PageRuns.Builder huge = PageRuns.builder();
        for (int i = 0; i < found.size() && rule == TtuMlockRestore.SMALL_OR_PMD; i++) {
            if (found.entry(i).isPmd()) {
                huge.add(found.start(i), found.count(i), found.entry(i));
            }
        }
        return huge.build();
    }

    /** Entries of the folios that are mapped whole, within one page table. */
    private static PageRuns whole(RmapWalk walk, PageRuns found) {
        PageRuns.Builder whole = PageRuns.builder();
        for (int i = 0; i < found.size(); i++) {
            long end = found.end(i);
            for (long page = found.start(i); page < end;) {
                long pages = PageOrder.pages(walk.order());
                boolean first = found.entry(i).frame(page) == found.entry(i).head(page);
                if (walk.order() == 0 || found.entry(i).isPmd()) {
                    whole.add(page, end - page, found.entry(i));
                    break;
                }
                long mapped = first ? mappedFrom(found, i, page) : 0;
                boolean oneTable = page >> PageOrder.PMD == (page + pages - 1) >> PageOrder.PMD;
                if (mapped >= pages && oneTable) {
                    whole.add(page, pages, found.entry(i));
                }
                page += first ? pages : PageOrder.alignUp(found.entry(i).frame(page) + 1, walk.order()) - found.entry(i).frame(page);
            }
        }
        return whole.build();
    }

    /** Pages that follow on from {@code page} without a gap. */
    private static long mappedFrom(PageRuns found, int run, long page) {
        long end = found.end(run);
        for (int i = run + 1; i < found.size() && found.start(i) == end; i++) {
            end = found.end(i);
        }
        return end - page;
    }
}
