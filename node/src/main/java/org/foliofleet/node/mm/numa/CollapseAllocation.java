package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.Effort;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Load;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;

/** Where the new folio of a collapse comes from, asked for in a flow of whoever collapses (R9.5). */
public final class CollapseAllocation {
    /** In place of a frame: there is none. */
    public static final long NONE = -1;
    /** In place of a frame: the cgroup is at its limit. */
    public static final long NOT_CHARGED = -2;

    private CollapseAllocation() {}

    /**
     * {@code alloc_charge_folio()}: on the node with most of the pages, or another with as many. Where there is no room the caller
     * reclaims once, as {@code GFP_TRANSHUGE} says; khugepaged only where {@code khugepaged.defrag} is on.
     *
     * @param cgroup what the folio is charged to
     * @return the first frame, {@link #NONE} or {@link #NOT_CHARGED}
     */
    public static long allocate(List<Load> loads, int cgroup, boolean khugepaged, Turn turn) {
        List<Integer> nodes = candidates(loads, turn);
        Effort effort = turn.step(() -> !khugepaged || turn.context().settings().khugepagedDefrag()) ? Effort.ONCE : Effort.NONE;
        FrameRuns frames = from(nodes, cgroup, effort, turn);
        if (frames.isEmpty() && frames != PageAllocation.NOT_CHARGED && effort == Effort.ONCE
                && PageAllocation.await(nodes, PageOrder.PMD, Effort.ONCE, PageAllocation.NOBODY, turn)) {
            frames = from(nodes, cgroup, effort, turn);
        }
        if (!frames.isEmpty()) {
            return frames.start(0);
        }
        boolean uncharged = frames == PageAllocation.NOT_CHARGED;
        turn.run(() -> turn.send(new NumaNodeId(nodes.get(0)),
                new NumaNodeCommand.Count(uncharged ? "thp_collapse_alloc" : "thp_collapse_alloc_failed", -1, 1)));
        return uncharged ? NOT_CHARGED : NONE;
    }

    private static FrameRuns from(List<Integer> nodes, int cgroup, Effort effort, Turn turn) {
        return PageAllocation.allocateOnce(nodes, PageOrder.PMD, () -> effort, PageAllocation.NOBODY, cgroup,
                (node, mark) -> turn.ask(node, new Collapse.Allocate(cgroup)), turn);
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
