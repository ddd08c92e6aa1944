package org.foliofleet.node.actor;

import org.foliofleet.node.mm.workload.MachineEnd;
import org.foliofleet.node.mm.workload.WorkloadStatus;

/** How a run of a hosted machine ended. */
public sealed interface RunReport {
    /** The next tick of a machine in which nothing is under way. */
    long NEVER = Long.MAX_VALUE;

    /**
     * It went as far as it should.
     *
     * @param tick     the last in which anybody was due
     * @param nextTick in which anybody will be
     * @param programs how they are then
     */
    record Reached(long tick, long nextTick, WorkloadStatus programs) implements RunReport {}

    /** It has come to its end, by the rule that it was given; it would not go on. */
    record Ended(long tick, MachineEnd end) implements RunReport {}

    /** Somebody paused it after that tick. */
    record Paused(long tick) implements RunReport {}

    /** What cannot happen has happened, or an owner did not answer; the machine does not go on. */
    record Failed(long tick, RuntimeException cause) implements RunReport {}
}
