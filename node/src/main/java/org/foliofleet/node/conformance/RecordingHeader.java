package org.foliofleet.node.conformance;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a scenario says before its first step, and where it was recorded.
 *
 * @param kernel   release of the kernel that recorded it, such as {@code 6.18.44-fc-v595}
 * @param requires the requirements as written: {@code swap}, {@code memcg}, {@code split}, {@code tier}, {@code numa N}
 * @param settings kernel settings that differ from the ones every scenario starts from, in the order written
 * @param memfds   name to size in pages of the memfds that are open in all processes, in the order made
 * @param nodes    the machine's NUMA nodes; empty unless a number of nodes is required
 * @param fillNode the node that an outside process keeps full, if any
 * @param noisy    counters that this scenario cannot record
 * @param unstable paths of values that differed between runs of the recorder and were removed
 */
public record RecordingHeader(String name, String about, String kernel, List<String> requires,
        Map<String, String> settings, Map<String, Long> memfds, List<NumaNode> nodes, OptionalInt fillNode,
        Set<String> noisy, Set<String> unstable) {

    /**
     * A NUMA node of the recording machine.
     *
     * @param cpus     list of its CPUs as the kernel writes it; empty if it has none
     * @param distance to node 0, 1, …
     * @param tier     its memory tier, or -1; a lower number is faster
     */
    public record NumaNode(int id, String cpus, List<Integer> distance, int tier) {}

    /** Whether the scenario requires this, word for word. */
    public boolean requires(String what) {
        return requires.contains(what);
    }

    /** The number of NUMA nodes required, 0 if the scenario does not care (it then runs on one). */
    public int requiredNodes() {
        return requires.stream().filter(r -> r.startsWith("numa ")).mapToInt(r -> Integer.parseInt(r.substring(5)))
                .findFirst().orElse(0);
    }

    /** Whether nodes and policies are recorded. */
    public boolean recordsNodes() {
        return requiredNodes() > 0;
    }
}
