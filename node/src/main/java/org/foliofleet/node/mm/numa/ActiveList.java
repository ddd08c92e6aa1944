package org.foliofleet.node.mm.numa;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PressureCommand.ShrinkActive;

/** {@code shrink_active_list()}, mm/vmscan.c: the oldest folios become inactive, used or not, and their entries old (R10.4). */
final class ActiveList {
    private ActiveList() {}

    static Void shrink(NumaNode node, ShrinkActive request, Turn turn) {
        List<ShrinkFolios> isolated = turn.step(() -> LruIsolation.isolate(node, request.list(), request.pages(), request.cgroup(), turn));
        for (ShrinkFolios part : isolated) {
            for (ShrinkFolios alike : turn.step(() -> LruIsolation.walkable(node, part))) {
                FolioReferences.test(node, alike, turn);
            }
        }
        turn.run(() -> {
            int set = turn.context().settings().workingset() ? Folio.WORKINGSET : 0;
            for (ShrinkFolios part : isolated) {
                turn.emit(new FolioEvents.FlagsChanged(part.frame(), part.pages(), set, Folio.ACTIVE));
                turn.emit(new Reclaim.PutBack(FrameRuns.of(part.frame(), part.pages()), false));
            }
            turn.emit(new Deactivated(LruIsolation.pages(isolated)));
        });
        return null;
    }

    private record Deactivated(long pages) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.PGREFILL, pages);
            node.statistics.add(VmEvent.PGDEACTIVATE, pages);
        }
    }
}
