package org.foliofleet.node.mm.numa;

import java.util.Map;
import org.foliofleet.protocol.id.PageOrder;

/** Event counters and per-size statistics of a node; the machine's are the sums over its nodes. */
public final class VmStat {
    private final long[] events = new long[VmEvent.values().length];
    private final long[][] stats = new long[PageOrder.PMD + 1][FolioStat.values().length];

    public void add(VmEvent event, long change) {
        events[event.ordinal()] += change;
    }

    public void add(int order, FolioStat stat, long change) {
        stats[order][stat.ordinal()] += change;
    }

    public long get(VmEvent event) {
        return events[event.ordinal()];
    }

    public long get(int order, FolioStat stat) {
        return stats[order][stat.ordinal()];
    }

    /** Adds all counters to {@code sums}, under the names that recordings use: {@code pswpin}, {@code 64k.nr_anon}. */
    public void addTo(Map<String, Long> sums) {
        for (VmEvent event : VmEvent.values()) {
            sums.merge(event.word(), get(event), Long::sum);
        }
        for (int order = 1; order <= PageOrder.PMD; order++) {
            for (FolioStat stat : FolioStat.values()) {
                sums.merge((4 << order) + "k." + stat.word(), get(order, stat), Long::sum);
            }
        }
    }
}
