package org.foliofleet.protocol.control;

/** What a machine tells its experiment; the entity type is {@value #ENTITY_TYPE}, the entity id the experiment's. */
public sealed interface MachineNews extends ControlMessage {
    String ENTITY_TYPE = "experiment";

    /** The machine's name: {@link MachineName#toString}. */
    String machine();

    /**
     * It has committed an epoch, or gone on from one; at least every few seconds.
     *
     * @param incarnation grows with every step back
     * @param nanos       simulated since the programs began
     * @param messages    delivered so far
     * @param series      how it was in the course of time: {@link org.foliofleet.protocol.series.Series#toBytes}
     */
    record Running(String machine, long incarnation, long epoch, long tick, long nanos, long messages, String digest, byte[] series)
        implements MachineNews {}

    /** It returned to its last committed epoch and goes on by itself. */
    record SteppedBack(String machine, long incarnation, long epoch, String cause) implements MachineNews {}

    /** It waits for something that is not there, such as the database, and goes on by itself. */
    record Waiting(String machine, String cause) implements MachineNews {}

    /** It rests at a committed epoch. */
    record Paused(String machine, long epoch, long tick, String digest) implements MachineNews {}

    /**
     * It has come to its end, and that is committed.
     *
     * @param result of the machine, in the versioned binary form of {@code protocol.serial}
     */
    record Ended(String machine, long epoch, long tick, String digest, byte[] result) implements MachineNews {}

    /** It does not go on, and says why. */
    record Failed(String machine, String reason) implements MachineNews {}
}
