package org.foliofleet.protocol.message;

/**
 * What of a task matters where its faults are resolved.
 *
 * @param cpuNode node of the CPU that runs it
 * @param thp     whether it may get transparent huge pages
 * @param policy  for memory whose VMA or file has none, or null
 */
public record TaskContext(int cpuNode, ThpControl thp, Mempolicy policy) {
    /** {@code prctl(PR_SET_THP_DISABLE)}. */
    public enum ThpControl { ENABLED, DISABLED, ONLY_ADVISED }

    public TaskContext withCpuNode(int node) {
        return new TaskContext(node, thp, policy);
    }

    public TaskContext withThp(ThpControl control) {
        return new TaskContext(cpuNode, control, policy);
    }

    public TaskContext withPolicy(Mempolicy newPolicy) {
        return new TaskContext(cpuNode, thp, newPolicy);
    }

    public static TaskContext onNode(int cpuNode) {
        return new TaskContext(cpuNode, ThpControl.ENABLED, null);
    }
}
