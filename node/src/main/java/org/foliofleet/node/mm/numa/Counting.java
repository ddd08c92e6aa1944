package org.foliofleet.node.mm.numa;

import java.util.Locale;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.NumaNodeCommand.Count;

/** Events that other owners report to a node's counters. */
final class Counting {
    private Counting() {}

    static Void count(NumaNode node, Count count, Turn turn) {
        turn.emit(new Counted(count));
        return null;
    }

    private record Counted(Count count) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            String name = count.event().toUpperCase(Locale.ROOT);
            if (count.order() >= 0) {
                node.statistics.add(count.order(), FolioStat.valueOf(name), count.times());
            } else {
                node.statistics.add(VmEvent.valueOf(name), count.times());
            }
        }
    }
}
