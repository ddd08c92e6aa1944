package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.Effort;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Load;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;

/** Where the new folio of a collapse comes from, asked for in a flow of whoever collapses (R9.5). */
public final class CollapseAllocation {
    private CollapseAllocation() {}

    /**
     * {@code alloc_charge_folio()}: on the node with most of the pages, or another with as many. Where there is no room the caller
     * reclaims once, as {@code GFP_TRANSHUGE} says; khugepaged only where {@code khugepaged.defrag} is on.
     *
     * @param cgroup what the folio is charged to
     * @return the first frame, or -1
     */
    public static long allocate(List<Load> loads, int cgroup, boolean khugepaged, Turn turn) {
        List<Integer> nodes = candidates(loads, turn);
        long frame = from(nodes, cgroup, turn);
        if (frame < 0 && turn.step(() -> !khugepaged || turn.context().settings().khugepagedDefrag())
                && PageAllocation.await(nodes, PageOrder.PMD, Effort.ONCE, PageAllocation.NOBODY, turn)) {
            frame = from(nodes, cgroup, turn);
        }
        if (frame >= 0) {
            return frame;
        }
        turn.run(() -> turn.send(new NumaNodeId(nodes.get(0)), new NumaNodeCommand.Count("thp_collapse_alloc_failed", -1, 1)));
        return -1;
    }

    private static long from(List<Integer> nodes, int cgroup, Turn turn) {
        for (int node : nodes) {
            FrameRuns frames = turn.ask(new NumaNodeId(node), new Collapse.Allocate(cgroup));
            if (!frames.isEmpty()) {
                return frames.start(0);
            }
        }
        return -1;
    }

    /** {@code hpage_collapse_find_target_node()}: the first node with most of the pages, then its equals in zonelist order. */
    private static List<Integer> candidates(List<Load> loads, Turn turn) {
        long most = loads.stream().mapToLong(Load::pages).max().orElse(0);
        int target = loads.stream().filter(load -> load.pages() == most).mapToInt(Load::node).findFirst().orElse(0);
        List<Integer> candidates = new ArrayList<>();
        for (int node : turn.context().topology().zonelist(target)) {
            if (loads.isEmpty() || loads.contains(new Load(node, most))) {
                candidates.add(node);
            }
        }
        return candidates;
    }
}
