package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import org.foliofleet.protocol.control.ControlMessage;

/** What hosts of other lanes tell that of the first. */
public sealed interface LaneReport extends ControlMessage {
    /** The incarnation of the machine. */
    long incarnation();

    /** Number of the lane. */
    int lane();

    /**
     * The lane is there.
     *
     * @param host  takes further orders
     * @param clock is to be connected
     */
    record Ready(long incarnation, int lane, ActorRef<LaneOrder> host, ActorRef<MachineMessage> clock) implements LaneReport {}

    /** The lane knows of the {@linkplain LaneOrder.Mark branch point}. */
    record Marked(long incarnation, int lane) implements LaneReport {}

    /** The lane's part of an epoch is written, but not committed. */
    record Prepared(long incarnation, int lane, long epoch, long row, String digest) implements LaneReport {}

    /** The lane does not go on. @param kind name of an {@link Interruption.Kind} */
    record Lost(long incarnation, int lane, String kind, String cause) implements LaneReport {}
}
