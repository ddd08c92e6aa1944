package org.foliofleet.node.workload;

import org.foliofleet.protocol.experiment.MachineResult;

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

    /** What came of it so far. Looking changes nothing. */
    MachineResult result();

    /** Lets go of what the machine holds outside of the heap; nothing by default. */
    @Override
    default void close() {}
}
