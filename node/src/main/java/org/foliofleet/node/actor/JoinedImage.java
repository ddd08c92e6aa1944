package org.foliofleet.node.actor;

import java.util.Arrays;
import java.util.List;
import org.foliofleet.node.mm.machine.ImageSlice;
import org.foliofleet.node.mm.machine.MachineChanges;

/**
 * Images of all owners that are written slice by slice, where every lane writes its own at its own pace: that of the machine
 * is whole when each lane has written one from its first slice to its last since it began.
 */
final class JoinedImage {
    private enum Progress { AWAITED, BEGUN, WHOLE }

    private final Progress[] lanes;
    private boolean underWay;

    JoinedImage(int lanes) {
        this.lanes = new Progress[lanes];
    }

    /** The changes with the right ends of the machine's image. */
    MachineChanges mark(MachineChanges joined, List<MachineChanges> parts) {
        boolean first = !underWay;
        if (first) {
            Arrays.fill(lanes, Progress.AWAITED);
            underWay = true;
        }
        boolean last = true;
        for (int lane = 0; lane < lanes.length; lane++) {
            ImageSlice slice = parts.get(lane).slice();
            if (slice.first() && lanes[lane] == Progress.AWAITED) {
                lanes[lane] = Progress.BEGUN;
            }
            if (slice.last() && lanes[lane] == Progress.BEGUN) {
                lanes[lane] = Progress.WHOLE;
            }
            last &= lanes[lane] == Progress.WHOLE;
        }
        underWay = !last;
        return joined.with(new ImageSlice(first, last, joined.slice().rows()), joined.events());
    }
}
