package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.MachineContext;
import org.foliofleet.protocol.message.PressureCommand.Watermark;

/**
 * What of a node is to stay free: {@code __setup_per_zone_wmarks()}, with one zone a node (R10.13).
 *
 * @param min  pages below which only reclaim, not allocation, may go
 * @param low  pages below which kswapd is woken
 * @param high pages at which kswapd is content
 */
record Watermarks(long min, long low, long high) {
    private static final int LEAST_KILOBYTES = 128;
    private static final int MOST_KILOBYTES = 262_144;
    private static final long PAGEBLOCK = 512;
    /** Two pageblocks, and one for each migrate type that falls back on each other. */
    private static final long RECOMMENDED_BLOCKS = 2 + 3 * 3;

    static Watermarks of(NumaNode node, MachineContext context) {
        return of(node.frames.frames(), context.topology(), context.settings());
    }

    static Watermarks of(long frames, Topology topology, KernelSettings settings) {
        long all = 0;
        for (Topology.Node node : topology.nodes()) {
            all += node.frames();
        }
        long min = all == 0 ? 0 : minFree(all, topology.nodes().size(), settings) * frames / all;
        long distance = Math.max(min >> 2, frames * settings.watermarkScaleFactor() / 10_000);
        return new Watermarks(min, min + distance, min + 2 * distance);
    }

    /** {@code calculate_min_free_kbytes()}, {@code set_recommended_min_free_kbytes()}, in pages. */
    private static long minFree(long all, int nodes, KernelSettings settings) {
        if (settings.minFreeKilobytes() > 0) {
            return settings.minFreeKilobytes() / 4;
        }
        long kilobytes = Math.min(MOST_KILOBYTES, Math.max(LEAST_KILOBYTES, (long) StrictMath.sqrt(all * 4 * 16)));
        long pages = kilobytes / 4;
        if (settings.isPmdEnabled()) {
            pages = Math.max(pages, Math.min(PAGEBLOCK * RECOMMENDED_BLOCKS * nodes, all / 20));
        }
        return pages;
    }

    long of(Watermark mark) {
        return mark == Watermark.LOW ? low : min;
    }
}
