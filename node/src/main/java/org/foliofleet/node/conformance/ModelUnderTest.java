package org.foliofleet.node.conformance;

import java.util.Map;
import java.util.Optional;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * What is compared with a kernel: one machine, fresh for each scenario.
 *
 * <p>Calls come strictly one after the other; each must be complete, with nothing in flight, when its method returns.
 * Anything thrown ends the replay, and the scenario fails with the message.
 */
public interface ModelUnderTest {
    /**
     * What of the header the model cannot do, such as {@code require memcg} or {@code set demotion true}; empty if it can
     * do it all. Asked before {@link #start}.
     */
    default Optional<String> unsupported(RecordingHeader header) {
        return Optional.empty();
    }

    /**
     * What the model lacks for a statement; empty if it can do it, or finds out when it executes it and then answers
     * {@link CallResult.Unsupported}. Asked right before the statement is executed.
     */
    default Optional<String> unsupported(Statement statement) {
        return Optional.empty();
    }

    /**
     * Boots the machine: the settings every scenario starts from with those of the header, its memfds, its nodes, a swap
     * device and a memory cgroup if required, and one process {@code p0} without memory.
     */
    void start(RecordingHeader header);

    /** A call or access by a living process. Addresses are page numbers. */
    CallResult execute(String process, MemoryCall call);

    /** Something done to the machine. */
    CallResult execute(MachineCall call);

    /** The state now. Looking must not change it. */
    ModelView view();

    /**
     * Counters and gauges by the names they are recorded under, such as {@code thp_fault_alloc},
     * {@code 64k.anon_fault_alloc}, {@code 2048k.nr_anon}, {@code khugepaged.pages_collapsed}. Absolute values since the
     * start; what is missing is 0; names that are not recorded do no harm.
     */
    Map<String, Long> counters();
}
