package org.foliofleet.node.actor;

import org.foliofleet.node.mm.machine.Lanes;

/**
 * One lane of a machine that is run.
 *
 * @param machine     names the machine among all that are run
 * @param incarnation grows whenever the machine begins anew or steps back: what lanes of another say is not heard
 * @param lane        from 0
 * @param lanes       how many the machine has
 */
public record LaneName(String machine, long incarnation, int lane, int lanes) {
    public LaneName {
        if (lane < 0 || lane >= lanes) {
            throw new IllegalArgumentException("machine " + machine + " has no lane " + lane + " of " + lanes);
        }
    }

    /** A lane that is the whole machine. */
    static LaneName alone() {
        return new LaneName("", 0, 0, 1);
    }

    /** Whether it speaks for the machine. */
    boolean isFirst() {
        return lane == 0;
    }

    /** Which owner is where. */
    Lanes table() {
        return new Lanes(lanes);
    }

    @Override
    public String toString() {
        return "machine " + machine + ", lane " + lane + " of " + lanes + ", incarnation " + incarnation;
    }
}
