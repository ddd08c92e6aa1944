package org.foliofleet.node.mm.mempolicy;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.MachineContext;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * The nodes that an allocation tries: {@code alloc_pages_mpol()} with {@code policy_nodemask()}, mm/mempolicy.c (R11.1 to
 * R11.4).
 *
 * @param nodes to be asked, in this order
 * @param alike so many folios, from the one asked for on, are placed alike
 */
public record Placement(List<Integer> nodes, long alike) {
    /** For a folio of a VMA: by its policy, else by the task's ({@code get_vma_policy()}). */
    public static Placement of(VmaInfo vma, long page, int order, TaskContext task, MachineContext context) {
        Mempolicy policy = vma.policy() != null ? vma.policy() : task.policy();
        long index = (vma.pageOffset() >> order) + (page - vma.start() >> order);
        return of(policy, vma.policy() != null ? vma.homeNode() : -1, index, task.cpuNode(), context);
    }

    /**
     * For a folio by its policy.
     *
     * @param policy   null for the default
     * @param homeNode of the policy, or -1
     * @param index    in units of the folio's size: the place of interleaved memory
     * @param cpuNode  where the task runs
     */
    public static Placement of(Mempolicy policy, int homeNode, long index, int cpuNode, MachineContext context) {
        Topology topology = context.topology();
        if (policy == null || policy.mode() == Mempolicy.Mode.LOCAL) {
            return new Placement(topology.zonelist(cpuNode), Long.MAX_VALUE);
        }
        int near = homeNode >= 0 ? homeNode : cpuNode;
        return switch (policy.mode()) {
            case LOCAL -> throw new IllegalStateException();
            case PREFERRED -> new Placement(topology.zonelist(policy.nodes().get(0)), Long.MAX_VALUE);
            case BIND -> new Placement(allowed(topology.zonelist(near), policy.nodes()), Long.MAX_VALUE);
            case PREFERRED_MANY -> {
                List<Integer> nodes = allowed(topology.zonelist(near), policy.nodes());
                topology.zonelist(near).forEach(node -> {
                    if (!nodes.contains(node)) {
                        nodes.add(node);
                    }
                });
                yield new Placement(nodes, Long.MAX_VALUE);
            }
            case INTERLEAVE -> new Placement(topology.zonelist(policy.nodes().get((int) Long.remainderUnsigned(index, policy.nodes().size()))),
                    policy.nodes().size() == 1 ? Long.MAX_VALUE : 1);
            case WEIGHTED_INTERLEAVE -> weighted(policy.nodes(), index, context.settings(), topology);
        };
    }

    /** {@code weighted_interleave_nid()}. */
    private static Placement weighted(List<Integer> nodes, long index, KernelSettings settings, Topology topology) {
        long total = 0;
        for (int node : nodes) {
            total += settings.interleaveWeight(node);
        }
        long target = Long.remainderUnsigned(index, total);
        for (int node : nodes) {
            if (target < settings.interleaveWeight(node)) {
                return new Placement(topology.zonelist(node), nodes.size() == 1 ? Long.MAX_VALUE : settings.interleaveWeight(node) - target);
            }
            target -= settings.interleaveWeight(node);
        }
        throw new IllegalStateException("weights of " + nodes);
    }

    private static List<Integer> allowed(List<Integer> zonelist, List<Integer> mask) {
        List<Integer> nodes = new ArrayList<>(zonelist);
        nodes.retainAll(mask);
        return nodes;
    }

    /** The first node's number. */
    public int first() {
        return nodes.get(0);
    }
}
