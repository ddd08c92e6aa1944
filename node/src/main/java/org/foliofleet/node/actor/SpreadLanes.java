package org.foliofleet.node.actor;

import java.time.Duration;

/**
 * Where the lanes of a machine are that has several.
 *
 * @param lanes    how many there are
 * @param patience how long a lane may take for a tick
 * @param hosts    passes an order on to whoever hosts other lanes than the first; it may get lost
 */
public record SpreadLanes(int lanes, Duration patience, Hosts hosts) {
    /** Hosts of lanes, by their number. */
    @FunctionalInterface
    public interface Hosts {
        void tell(int lane, LaneOrder order);
    }
}
