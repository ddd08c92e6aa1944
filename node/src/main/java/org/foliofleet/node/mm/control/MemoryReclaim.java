package org.foliofleet.node.mm.control;

import java.util.List;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.program.CallResult;

/** {@code memory.reclaim} of more than there is, until it changes nothing; tiers from {@code mm/memory-tiers.c} (R10.3, R11.12). */
final class MemoryReclaim {
    private MemoryReclaim() {}

    static CallResult reclaim(Turn turn) {
        boolean swap = turn.ask(new SwapId(), new SwapCommand.Size()) > 0;
        boolean demotion = turn.step(() -> turn.context().settings().demotion());
        Topology topology = turn.context().topology();
        long gone;
        do {
            gone = 0;
            for (int node = 0; node < topology.nodes().size(); node++) {
                List<Integer> lower = demotion ? topology.demotionTargets(node) : List.of();
                gone += turn.ask(new NumaNodeId(node), new FolioCommand.ReclaimAll(lower, swap));
            }
        } while (gone > 0);
        return CallResult.OK;
    }
}
