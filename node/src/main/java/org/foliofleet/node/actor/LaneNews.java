package org.foliofleet.node.actor;

import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.MachineChanges;

/** What a lane tells those that host it. */
public sealed interface LaneNews {
    /** Which. */
    LaneName lane();

    /** The lane does not go on; a {@link Disturbance} can be answered by a step back of the machine. */
    record Failed(LaneName lane, RuntimeException cause) implements LaneNews {}

    /**
     * What has changed in this lane since the last time, for its journal; {@link MachineMessage.CommitLanes} was asked of
     * the first lane.
     *
     * @param changes of this lane, with the {@linkplain LaneSeal#digest lane's digest}
     * @param seal    of this lane
     */
    record Changed(LaneName lane, MachineChanges changes, LaneSeal seal) implements LaneNews {}
}
