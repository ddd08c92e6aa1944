package org.foliofleet.node.mm.numa;

import java.util.Arrays;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.protocol.message.Memcg;

/**
 * {@code struct page_counter} of all cgroups but the root, as far as the folios of one node go. It follows from the folios, each of
 * which knows what it is charged to, and changes with them.
 */
final class CgroupCharges {
    /** Pages by number of the cgroup; no longer than the highest number needs. */
    private long[] charged = {};

    /** Pages of the node that are charged to the cgroup. */
    long charged(int cgroup) {
        return cgroup < charged.length ? charged[cgroup] : 0;
    }

    /** The highest number that ever had a charge. */
    int highest() {
        return charged.length - 1;
    }

    /** The folios of a range are charged ({@code sign} 1), or are about to be no longer (-1). */
    void count(RunMap<Folio> folios, long start, long end, int sign) {
        folios.forEach(start, end, (from, count, folio) -> {
            int cgroup = folio.cgroup();
            if (cgroup != Memcg.ROOT) {
                if (cgroup >= charged.length) {
                    charged = Arrays.copyOf(charged, cgroup + 1);
                }
                charged[cgroup] += sign * count;
            }
        });
    }
}
