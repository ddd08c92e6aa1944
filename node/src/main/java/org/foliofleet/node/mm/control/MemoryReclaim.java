package org.foliofleet.node.mm.control;

import java.util.ArrayList;
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
                List<Integer> lower = demotion ? demotionNodes(node, topology) : List.of();
                gone += turn.ask(new NumaNodeId(node), new FolioCommand.ReclaimAll(lower, swap));
            }
        } while (gone > 0);
        return CallResult.OK;
    }

    /** {@code establish_demotion_targets()}: the nearest node of the next tier, then all others of lower tiers. */
    private static List<Integer> demotionNodes(int node, Topology topology) {
        int tier = topology.nodes().get(node).tier();
        int next = Integer.MAX_VALUE;
        for (Topology.Node other : topology.nodes()) {
            next = other.tier() > tier ? Math.min(next, other.tier()) : next;
        }
        int best = -1;
        List<Integer> lower = new ArrayList<>();
        for (int other = 0; other < topology.nodes().size(); other++) {
            int its = topology.nodes().get(other).tier();
            if (its > tier) {
                lower.add(other);
            }
            if (its == next && (best < 0 || distance(topology, node, other) < distance(topology, node, best))) {
                best = other;
            }
        }
        if (best >= 0) {
            lower.remove((Integer) best);
            lower.add(0, best);
        }
        return lower;
    }

    private static int distance(Topology topology, int from, int to) {
        return topology.nodes().get(from).distance().get(to);
    }
}
