package org.foliofleet.node.actor;

import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.node.mm.measure.VmaMeasure;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.message.Envelope;

/** An owner's answer to an {@link OwnerTask}. */
sealed interface OwnerReply extends Internal, ProcessTask {
    /** Of the task. */
    int number();

    /**
     * The turn is over.
     *
     * @param sent     messages in the order of sending
     * @param ticks    when each of them is due, 0 for the next tick; null if all are due then
     * @param events   what happened to the owner
     * @param sequence count of the messages that the owner has ever sent
     * @param waiting  operations of the owner that wait
     * @param ended    whether the owner wants to be forgotten
     * @param programs how the programs are, if the owner is the workload; otherwise null
     */
    record TurnTaken(int number, Envelope[] sent, long[] ticks, Object[] events, long sequence, int waiting, boolean ended,
            WorkloadStatus programs) implements OwnerReply {}

    /** What cannot happen has happened in the turn. */
    record TurnFailed(int number, RuntimeException cause) implements OwnerReply {}

    /** @param measure null for a VMA that does not count */
    record VmaMeasured(int number, VmaMeasure measure) implements OwnerReply {}

    /** An owner, or a process with its VMAs. */
    record Measured(int number, MachineMeasure measure) implements OwnerReply {}

    /** The workload knows what the machine is like. */
    record Saw(int number, WorkloadStatus programs) implements OwnerReply {}

    /** @param state as bytes, null if it was not wanted */
    record Reported(int number, long hash, byte[] state) implements OwnerReply {}
}
