package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.NumaNodeCommand;

/** {@code sysctl_max_map_count}: calls that would make too many VMAs are refused, and counted. */
final class MapCount {
    private MapCount() {}

    /** Passes the answer on; notes a refusal. Within a step. */
    static boolean refused(boolean tooMany, Turn turn) {
        if (tooMany) {
            turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("map_count_fail", -1, 1));
        }
        return tooMany;
    }
}
