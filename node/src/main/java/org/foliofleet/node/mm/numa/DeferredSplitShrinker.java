package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.ScanDeferred;
import org.foliofleet.protocol.message.FolioCommand.ShrinkDeferred;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FrameRuns;

/** {@code deferred_split_scan()}, mm/huge_memory.c, and {@code do_shrink_slab()} as it calls it (R8.13, R8.14). */
final class DeferredSplitShrinker {
    /** SHRINK_BATCH. */
    private static final int BATCH = 128;

    /** A folio that the scan took off the queue, with a reference. */
    private record Taken(long head, int order) {}

    private DeferredSplitShrinker() {}

    /** With priority 0: of each cgroup's queue twice as many as are queued, in batches. */
    static Long shrink(NumaNode node, ShrinkDeferred request, Turn turn) {
        long split = 0;
        for (int cgroup : turn.step(() -> node.deferred.cgroups())) {
            split += shrink(node, cgroup, turn);
        }
        return split;
    }

    private static long shrink(NumaNode node, int cgroup, Turn turn) {
        long freeable = turn.step(() -> queued(node, cgroup));
        long left = 2 * freeable;
        long split = 0;
        while (left > 0 && (left >= BATCH || left >= freeable)) {
            long batch = Math.min(BATCH, left);
            long done = turn.ask(node.id(), new ScanDeferred((int) batch, cgroup));
            split += done;
            left -= batch;
            if (done == 0 && turn.step(() -> node.deferred.first(cgroup) < 0)) {
                break;
            }
        }
        return split;
    }

    /** Folios on the queue of a cgroup. */
    static long queued(NumaNode node, int cgroup) {
        long folios = 0;
        for (long position = node.deferred.first(cgroup); position >= 0;) {
            Folio folio = node.folios.get(node.deferred.headAt(position));
            folios++;
            position = node.deferred.next(position + folio.pages());
        }
        return folios;
    }

    /** Takes folios from the head of the queue, splits them, and puts those back at its tail that are still worth it. */
    static Long scan(NumaNode node, ScanDeferred request, Turn turn) {
        List<Taken> taken = turn.step(() -> take(node, request, turn));
        int maxPtesNone = turn.context().settings().maxPtesNone();
        long splits = 0;
        List<Taken> back = new ArrayList<>();
        for (Taken one : taken) {
            Boolean underused = turn.step(() -> whySplit(node, one, maxPtesNone));
            boolean split = false;
            boolean locked = underused != null && !turn.tryLock(new FolioLock(one.head()), true);
            if (locked) {
                turn.run(() -> turn.emit(new FolioEvents.SplitSkipped(SplitFailure.LOCKED)));
            } else if (underused != null) {
                split = FolioSplitting.splitHeld(node, one.head(), 0, -1, false, turn) == SplitOutcome.SPLIT;
                turn.unlock(new FolioLock(one.head()));
            }
            if (split) {
                splits++;
                turn.run(() -> turn.emit(new Finished(one.head(), 1, false, underused)));
                continue;
            }
            if (turn.step(() -> node.folios.get(one.head()).has(Folio.PARTIALLY_MAPPED | Folio.SPLIT_WANTED))) {
                back.add(one);
            } else {
                turn.run(() -> turn.emit(new Finished(one.head(), node.folios.get(one.head()).pages(), false, false)));
            }
        }
        turn.run(() -> {
            for (Taken one : back) {
                turn.emit(new Finished(one.head(), node.folios.get(one.head()).pages(), true, false));
            }
        });
        return splits;
    }

    private static List<Taken> take(NumaNode node, ScanDeferred request, Turn turn) {
        List<Taken> taken = new ArrayList<>();
        for (long position = node.deferred.first(request.cgroup()); position >= 0 && taken.size() < request.folios();) {
            long head = node.deferred.headAt(position);
            Folio folio = node.folios.get(head);
            taken.add(new Taken(head, folio.order()));
            position = node.deferred.next(position + folio.pages());
        }
        for (Taken one : taken) {
            turn.emit(new ScanTook(one.head()));
        }
        return List.copyOf(taken);
    }

    /** Null: leave it alone. Otherwise whether it is to be split because it is underused. */
    private static Boolean whySplit(NumaNode node, Taken one, int maxPtesNone) {
        Folio folio = node.folios.get(one.head());
        if (folio.has(Folio.PARTIALLY_MAPPED | Folio.SPLIT_WANTED)) {
            return false;
        }
        if (folio.has(Folio.MLOCKED)) {
            return null;
        }
        return isUnderused(node, one.head(), folio.pages(), maxPtesNone) ? true : null;
    }

    /** {@code thp_underused()}: more zero-filled pages than khugepaged's {@code max_ptes_none}. */
    static boolean isUnderused(NumaNode node, long head, int pages, int maxPtesNone) {
        if (maxPtesNone == pages - 1) {
            return false;
        }
        long[] filled = {0};
        node.contents.forEach(head, head + pages, (start, count, content) -> filled[0] += count);
        return pages - filled[0] > maxPtesNone;
    }

    /** The scan holds a reference of the folio, which stands on its private list. */
    private record ScanTook(long head) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            Folio folio = node.folios.get(head);
            node.deferred.remove(head, folio.order());
            node.folios.set(head, folio.pages(), folio.withGets(folio.gets() + 1));
        }
    }

    /** The scan is done with a folio: it goes back to the tail of the queue, or not. */
    private record Finished(long head, long pages, boolean requeue, boolean underused) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            Folio folio = node.folios.get(head);
            if (folio.has(Folio.DEFERRED)) {
                if (requeue) {
                    node.deferred.append(head, folio, 1);
                } else {
                    node.folios.set(head, folio.pages(), folio.without(Folio.DEFERRED));
                }
            }
            if (underused) {
                node.statistics.add(VmEvent.THP_UNDERUSED_SPLIT_PAGE, 1);
            }
            new FolioEvents.Put(FrameRuns.of(head, pages), 0).applyTo(node);
        }
    }
}
