package org.foliofleet.node.journal;

/**
 * Whose rows.
 *
 * @param machine names it among all machines of the database
 * @param lane    number of the lane, from 0
 */
record LaneId(String machine, int lane) {
    /** As the rows name it. */
    String persistenceId() {
        return "machine|" + machine + "|" + lane;
    }

    @Override
    public String toString() {
        return lane == 0 ? "machine " + machine : "machine " + machine + ", lane " + lane;
    }
}
