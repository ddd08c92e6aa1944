package org.foliofleet.protocol.message;

/**
 * What of a task matters where its faults are resolved.
 *
 * @param cpuNode node of the CPU that runs it
 * @param thp     whether it may get transparent huge pages
 */
public record TaskContext(int cpuNode, ThpControl thp) {
    /** {@code prctl(PR_SET_THP_DISABLE)}. */
    public enum ThpControl { ENABLED, DISABLED, ONLY_ADVISED }

    public static TaskContext onNode(int cpuNode) {
        return new TaskContext(cpuNode, ThpControl.ENABLED);
    }
}
