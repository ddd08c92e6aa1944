package org.foliofleet.node.mm.swap;

import java.util.Arrays;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;

/**
 * {@code struct swap_cluster_info}: free slots in clusters of 512. A cluster serves folios of one order until it is empty
 * again; single slots may be taken from any cluster when there is no better one.
 */
final class SwapClusters {
    private static final int CLUSTER = PageOrder.PMD;
    private static final long FREE = -1;

    private final RunSet free = new RunSet();
    private long[] orders;
    private long slots;

    SwapClusters(long slots) {
        this.slots = slots;
        orders = new long[(int) (slots >> CLUSTER)];
        Arrays.fill(orders, FREE);
        if (slots > 0) {
            free.add(0, slots);
        }
    }

    long used() {
        return slots - free.size();
    }

    /** Slots for up to that many folios, lowest first; nothing is taken yet. */
    FrameRuns find(int order, long folios) {
        FrameRuns.Builder found = new FrameRuns.Builder();
        long left = folios;
        left = search(order, order, left, found);
        left = search(order, FREE, left, found);
        if (order == 0 && left > 0) {
            for (long other = 1; other <= CLUSTER; other++) {
                left = search(0, other, left, found);
            }
        }
        return found.build();
    }

    private long search(int order, long wanted, long folios, FrameRuns.Builder found) {
        long left = folios;
        for (int cluster = 0; cluster < orders.length && left > 0; cluster++) {
            if (orders[cluster] == wanted) {
                left = searchCluster((long) cluster << CLUSTER, order, left, found);
            }
        }
        return left;
    }

    private long searchCluster(long start, int order, long folios, FrameRuns.Builder found) {
        long end = start + PageOrder.PMD_PAGES;
        long size = PageOrder.pages(order);
        long[] left = {folios};
        free.forEach(start, end, (from, count) -> {
            long first = PageOrder.alignUp(from, order);
            long blocks = Math.min(left[0], (from + count - first) >> order);
            if (blocks > 0) {
                found.add(first, blocks * size);
                left[0] -= blocks;
            }
        });
        return left[0];
    }

    void take(long slot, long count, int order) {
        free.remove(slot, count);
        for (long cluster = slot >> CLUSTER; cluster <= (slot + count - 1) >> CLUSTER; cluster++) {
            if (orders[(int) cluster] == FREE) {
                orders[(int) cluster] = order;
            }
        }
    }

    void free(long slot, long count) {
        free.add(slot, count);
        for (long cluster = slot >> CLUSTER; cluster <= (slot + count - 1) >> CLUSTER; cluster++) {
            if (free.contains(cluster << CLUSTER, PageOrder.PMD_PAGES)) {
                orders[(int) cluster] = FREE;
            }
        }
    }
}
