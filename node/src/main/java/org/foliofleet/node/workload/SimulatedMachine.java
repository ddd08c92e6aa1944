package org.foliofleet.node.workload;

import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.MetricValues;

/** One machine of an experiment with the programs that run on it, as whoever runs the experiment sees it. */
public interface SimulatedMachine extends AutoCloseable {
    /**
     * Runs on.
     *
     * @param ticks at most so many
     * @return whether the machine has come to its end, by the experiment's stop conditions
     */
    boolean run(long ticks);

    /** Simulated time since the programs began. */
    long nanos();

    /** Why it ended, in words; empty before. */
    String end();

    /** What can be measured now. Looking changes nothing. */
    MetricValues metrics();

    /** Marks in the order reached. */
    List<MarkResult> marks();

    /** Calls that failed, by call and error, in the order first met. */
    List<FailureGroup> failures();

    /** The first steps that ended otherwise than expected. */
    List<Unmet> unmet();

    /** Simulated time of calls, by name. */
    List<CallTime> times();

    /** Digest of the machine's state now. */
    String digest();

    /** Lets go of what the machine holds outside of the heap; nothing by default. */
    @Override
    default void close() {}
}
