package org.foliofleet.node.actor;

import java.util.List;
import org.foliofleet.node.mm.control.KernelControl.SettingChanged;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.protocol.message.Envelope;

/** What lanes of a machine say to each other. Lane 0 says when what is done; in ticks all are equal. */
sealed interface LaneMessage {
    /**
     * To every other lane in every tick: the end of the sender's turns. When those of all lanes are there, the tick is over.
     *
     * @param sent     what owners of the sender have sent to owners of the receiver, in the order of the senders' keys
     * @param ticks    when each of them is due, 0 for the next tick; null if all are due then
     * @param settings that have changed
     * @param nextTick the earliest tick of all that is known to the sender and not delivered, whoever will get it
     * @param waiting  operations that wait in the sender's owners
     * @param waiters  keys of some of these owners, if the sender knows of nothing that would go on
     * @param halt     whether all stand after this tick, until lane 0 lets them go on
     */
    record Batch(long tick, List<Envelope> sent, long[] ticks, List<SettingChanged> settings, long nextTick, long waiting,
            List<Long> waiters, boolean halt) implements LaneMessage {}

    /** From lane 0, when all stand: run the next tick, and those after it up to the last. */
    record Begin(long nextTick, long untilTick) implements LaneMessage {}

    /** From lane 0, when all stand: somebody outside has sent this. */
    record Deliver(Envelope envelope) implements LaneMessage {}

    /** From lane 0, when all stand: answer with a {@link Report} of that number. */
    record Inquiry(long number, Subject subject) implements LaneMessage {}

    /** What lane 0 wants to know. */
    enum Subject {
        /** The seal, without its sum. */
        PRESENCE,
        /** The seal. */
        DIGEST,
        /** The seal; what has changed is told to the lane's host. */
        CHANGES_HERE,
        /** The seal and what has changed. */
        CHANGES,
        /** The seal and what can be measured. */
        MEASURE,
        /** The seal and what is cheap to know. */
        SAMPLE,
        /** All, as a snapshot. */
        SNAPSHOT
    }

    /**
     * The answer to an {@link Inquiry}, and the first word of every lane, with number 0.
     *
     * @param idle     whether all that are under way to this lane are wake-ups
     * @param changes  null if not asked for
     * @param measure  null if not asked for
     * @param snapshot null if not asked for
     */
    record Report(long number, LaneSeal seal, boolean idle, MachineChanges changes, MachineMeasure measure, byte[] snapshot) implements LaneMessage {}

    /**
     * The sender does not go on.
     *
     * @param disturbed whether it was a {@link Disturbance}
     */
    record Trouble(String reason, boolean disturbed) implements LaneMessage {}

    /** From lane 0: the machine is to end. */
    record End() implements LaneMessage {}
}
