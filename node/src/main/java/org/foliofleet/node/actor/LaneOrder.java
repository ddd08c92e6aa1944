package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.List;
import org.foliofleet.protocol.control.ControlMessage;

/** What the host of a machine's first lane tells those of the others. */
public sealed interface LaneOrder extends ControlMessage {
    /** The incarnation of the machine. */
    long incarnation();

    /**
     * Host the lane, and go on with it from its last commit.
     *
     * @param machine        its name
     * @param lane           its number, from 1
     * @param lanes          how many the machine has
     * @param epoch          of the commit
     * @param row            of the lane's journal that ends its part of the commit
     * @param digest         of the lane then
     * @param patienceMillis how long another lane may take for a tick
     * @param history        whether the journal deletes nothing
     * @param leader         is told how it goes; when it is gone the lane ends
     */
    record Host(String machine, long incarnation, int lane, int lanes, long epoch, long row, String digest, long patienceMillis,
            boolean history, ActorRef<LaneReport> leader) implements LaneOrder {}

    /** What the lane prepares next will be that branch point: its rows are to be kept. */
    record Mark(long incarnation, long branch) implements LaneOrder {}

    /** All lanes in their order are there. */
    record Connect(long incarnation, List<ActorRef<MachineMessage>> lanes) implements LaneOrder {}
}
