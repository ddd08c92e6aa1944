package org.foliofleet.node.mm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The nodes of a machine.
 *
 * @param nodes by number
 */
public record Topology(List<Node> nodes) {
    /**
     * One NUMA node.
     *
     * @param frames   its memory in pages
     * @param cpus     its CPUs, 0 for a memory-only node
     * @param distance to each node by number; 10 to itself
     * @param tier     memory tier, 0 the fastest
     */
    public record Node(long frames, int cpus, List<Integer> distance, int tier) {}

    /** One node of that many pages. */
    public static Topology oneNode(long frames) {
        return new Topology(List.of(new Node(frames, 2, List.of(10), 0)));
    }

    /** Nodes of {@code frames} pages each, distance 20. */
    public static Topology nodes(int count, long frames) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Integer> distance = new ArrayList<>();
            for (int j = 0; j < count; j++) {
                distance.add(i == j ? 10 : 20);
            }
            nodes.add(new Node(frames, 1, distance, 0));
        }
        return new Topology(nodes);
    }

    /** The order in which an allocation on {@code node} tries the nodes: {@code build_zonelists()} (R11.1). */
    public List<Integer> zonelist(int node) {
        List<Integer> order = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            left.add(i);
        }
        left.sort(Comparator.<Integer>comparingLong(other -> penalty(node, other)).thenComparingInt(other -> other));
        order.addAll(left);
        return order;
    }

    /** Nodes that memory of a node is demoted to: the nearest of the next tier, then all others of lower tiers ({@code establish_demotion_targets()}). */
    public List<Integer> demotionTargets(int node) {
        int tier = nodes.get(node).tier();
        int next = Integer.MAX_VALUE;
        for (Node other : nodes) {
            next = other.tier() > tier ? Math.min(next, other.tier()) : next;
        }
        int best = -1;
        List<Integer> lower = new ArrayList<>();
        for (int other = 0; other < nodes.size(); other++) {
            int its = nodes.get(other).tier();
            if (its > tier) {
                lower.add(other);
            }
            if (its == next && (best < 0 || nodes.get(node).distance().get(other) < nodes.get(node).distance().get(best))) {
                best = other;
            }
        }
        if (best >= 0) {
            lower.remove((Integer) best);
            lower.add(0, best);
        }
        return lower;
    }

    private long penalty(int from, int to) {
        if (from == to) {
            return Long.MIN_VALUE;
        }
        long value = nodes.get(from).distance().get(to) + (to < from ? 1 : 0) + (nodes.get(to).cpus() > 0 ? 1 : 0);
        return value;
    }
}
