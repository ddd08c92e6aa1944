package org.foliofleet.protocol.message;

/**
 * What of a task matters where its faults are resolved.
 *
 * @param cpuNode node of the CPU that runs it
 * @param thp     whether it may get transparent huge pages
 * @param policy  for memory whose VMA or file has none, or null
 * @param cgroup  number of the memory cgroup that its memory is charged to, 0 for the root
 */
public record TaskContext(int cpuNode, ThpControl thp, Mempolicy policy, int cgroup) {
    /** {@code prctl(PR_SET_THP_DISABLE)}. */
    public enum ThpControl { ENABLED, DISABLED, ONLY_ADVISED }

    public TaskContext withCpuNode(int node) {
        return new TaskContext(node, thp, policy, cgroup);
    }

    public TaskContext withThp(ThpControl control) {
        return new TaskContext(cpuNode, control, policy, cgroup);
    }

    public TaskContext withPolicy(Mempolicy newPolicy) {
        return new TaskContext(cpuNode, thp, newPolicy, cgroup);
    }

    public TaskContext withCgroup(int number) {
        return new TaskContext(cpuNode, thp, policy, number);
    }

    public static TaskContext onNode(int cpuNode) {
        return new TaskContext(cpuNode, ThpControl.ENABLED, null, 0);
    }
}
