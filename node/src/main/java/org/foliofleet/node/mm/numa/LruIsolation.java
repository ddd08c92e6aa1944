package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.PressureCommand.LruList;

/** {@code isolate_lru_folios()}: takes the oldest folios off a list, each with a reference (R10.3). */
final class LruIsolation {
    private LruIsolation() {}

    /** At least so many pages of a cgroup, or of {@link Memcg#ALL}, in parts of folios that are alike: small ones in a row, large ones each for itself. Within a step. */
    static List<ShrinkFolios> isolate(NumaNode node, LruList list, long pages, int cgroup, Turn turn) {
        List<ShrinkFolios> isolated = new ArrayList<>();
        FrameRuns oldest = Pressure.lists(node, turn).oldest(list, cgroup == Memcg.ALL ? pages : Long.MAX_VALUE);
        long[] left = {pages};
        for (int i = 0; i < oldest.size() && left[0] > 0; i++) {
            node.folios.forEach(oldest.start(i), oldest.start(i) + oldest.count(i), (start, count, folio) -> {
                if (cgroup != Memcg.ALL && folio.cgroup() != cgroup) {
                    return;
                }
                long end = start + count;
                for (long at = start; at < end && left[0] > 0;) {
                    long part = folio.isLarge() ? folio.pages() : Math.min(left[0], end - at);
                    isolated.add(new ShrinkFolios(at, part, folio.order()));
                    left[0] -= part;
                    at += part;
                }
            });
        }
        for (ShrinkFolios part : isolated) {
            turn.emit(new FolioEvents.Got(part.frame(), part.pages(), Folio.LRU));
        }
        return List.copyOf(isolated);
    }

    static long pages(List<ShrinkFolios> isolated) {
        long sum = 0;
        for (ShrinkFolios part : isolated) {
            sum += part.pages();
        }
        return sum;
    }

    /**
     * Isolated folios in parts as rmap walks take them: alike, and small ones that are mapped more than once each for itself.
     * Within a step.
     */
    static List<ShrinkFolios> walkable(NumaNode node, ShrinkFolios part) {
        List<ShrinkFolios> walkable = new ArrayList<>();
        node.folios.forEach(part.frame(), part.frame() + part.pages(), (start, count, folio) -> {
            if (folio.isLarge() || folio.mapcount() <= 1) {
                walkable.add(new ShrinkFolios(start, count, folio.order()));
                return;
            }
            for (long frame = start; frame < start + count; frame++) {
                walkable.add(new ShrinkFolios(frame, 1, 0));
            }
        });
        return List.copyOf(walkable);
    }
}
