package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.FolioCommand.Evict;
import org.foliofleet.protocol.message.FolioCommand.Refaulted;
import org.foliofleet.protocol.message.FolioCommand.Stand;
import org.foliofleet.protocol.message.FolioCommand.Standing;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.Shadow;
import org.foliofleet.protocol.message.SwapCommand;

/**
 * mm/workingset.c: a folio that comes back before as many pages were evicted or activated as could have been active in its place was
 * part of the working set, and is active at once.
 */
final class Workingset {
    private Workingset() {}

    static List<Shadow> evict(NumaNode node, Evict request, Turn turn) {
        return evicted(node, request.frames(), turn);
    }

    /** {@code workingset_eviction()}; nothing is remembered where refaults are not told. Within a step. */
    static List<Shadow> evicted(NumaNode node, FrameRuns frames, Turn turn) {
        List<Shadow> shadows = new ArrayList<>();
        long[] age = {node.nonresidentAge};
        for (int i = 0; i < frames.size(); i++) {
            node.folios.forEach(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> {
                for (long at = start; at < start + count;) {
                    long part = folio.isLarge() ? folio.pages() : count;
                    shadows.add(new Shadow(at, part, node.number(), age[0], !folio.isLarge(), folio.has(Folio.WORKINGSET)));
                    age[0] += part;
                    at += part;
                }
            });
        }
        turn.emit(new Aged(frames.frames()));
        return List.copyOf(shadows);
    }

    static Standing stand(NumaNode node, Stand request, Turn turn) {
        return standing(node, turn);
    }

    private static Standing standing(NumaNode node, Turn turn) {
        LruLists lists = Pressure.lists(node, turn);
        return new Standing(node.nonresidentAge, lists.pages(LruList.ACTIVE_FILE), lists.pages(LruList.INACTIVE_FILE),
                lists.pages(LruList.ACTIVE_ANON), lists.pages(LruList.INACTIVE_ANON));
    }

    static Void refaulted(NumaNode node, Refaulted request, Turn turn) {
        boolean swap = turn.ask(new SwapId(), new SwapCommand.Room()) > 0;
        for (Shadow shadow : request.shadows()) {
            Standing standing = shadow.node() == node.number() ? turn.step(() -> standing(node, turn))
                    : turn.ask(new NumaNodeId(shadow.node()), new Stand());
            turn.run(() -> refault(node, request, shadow, standing, swap, turn));
        }
        return null;
    }

    private static void refault(NumaNode node, Refaulted request, Shadow shadow, Standing standing, boolean swap, Turn turn) {
        long place = request.at();
        for (int i = 0; i < request.frames().size(); i++) {
            long start = request.frames().start(i);
            long from = Math.max(place, shadow.at());
            long to = Math.min(place + request.frames().count(i), shadow.at() + shadow.count());
            long delta = place - start;
            if (from < to) {
                List<Refault> all = new ArrayList<>();
                node.folios.forEach(from - delta, to - delta, (at, count, folio) ->
                        all.add(refault(at, count, folio, shadow, shadow.age(at + delta - shadow.at()), standing, swap)));
                for (Refault one : all) {
                    turn.emit(one);
                    if (one.recent() > 0 && one.restored()) {
                        Pressure.noteCost(node, one.file(), one.recent(), 0, turn);
                    }
                }
            }
            place += request.frames().count(i);
        }
    }

    /** {@code workingset_test_recent()} of folios that are alike, of which the first was evicted at that age. */
    private static Refault refault(long frame, long count, Folio folio, Shadow shadow, long age, Standing standing, boolean swap) {
        boolean file = !folio.has(Folio.SWAPBACKED);
        long size = standing.activeFile() + (file ? 0 : standing.inactiveFile())
                + (swap ? standing.activeAnon() + (file ? standing.inactiveAnon() : 0) : 0);
        long tooOld = Math.max(0, standing.age() - size - age);
        long recent = shadow.each() ? Math.max(0, count - tooOld) : tooOld > 0 ? 0 : count;
        boolean may = folio.has(Folio.LRU) && !folio.has(Folio.UNEVICTABLE | Folio.MLOCKED);
        return new Refault(frame + count - recent, recent, count, file, may, shadow.workingset());
    }

    /** {@code workingset_age_nonresident()}. */
    private record Aged(long pages) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.nonresidentAge += pages;
        }
    }

    /** Pages came back, the last of them before others would have been evicted in their place. */
    private record Refault(long frame, long recent, long pages, boolean file, boolean may, boolean restored) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(file ? VmEvent.WORKINGSET_REFAULT_FILE : VmEvent.WORKINGSET_REFAULT_ANON, pages);
            if (recent == 0) {
                return;
            }
            node.statistics.add(file ? VmEvent.WORKINGSET_ACTIVATE_FILE : VmEvent.WORKINGSET_ACTIVATE_ANON, recent);
            if (restored) {
                node.statistics.add(file ? VmEvent.WORKINGSET_RESTORE_FILE : VmEvent.WORKINGSET_RESTORE_ANON, recent);
            }
            node.nonresidentAge += recent;
            if (may) {
                int flags = Folio.ACTIVE | (restored ? Folio.WORKINGSET : 0);
                node.folios.transform(frame, frame + recent, (start, count, folio) -> folio.with(flags));
            }
        }
    }
}
