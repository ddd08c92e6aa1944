package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.junit.jupiter.api.Test;

/** Goal: what stays free is what the kernel computes (R10.13). Method: machines of several sizes. */
class WatermarksTest {
    private static Watermarks of(long frames, KernelSettings settings) {
        return Watermarks.of(frames, Topology.oneNode(frames), settings);
    }

    /** 4 GiB: 8 MiB by the square root. */
    @Test
    void withoutHugePagesTheMinimumGrowsWithTheRootOfMemory() {
        KernelSettings settings = new KernelSettings().with("thp", "never").with("shmem_mthp 2048k", "never");

        Watermarks marks = of(1 << 20, settings);

        assertEquals(2048, marks.min());
        assertEquals(2048 + 1048, marks.low(), "a thousandth of memory above it");
        assertEquals(2048 + 2 * 1048, marks.high());
    }

    @Test
    void hugePagesKeepElevenPageblocksFreeButNeverMoreThanATwentieth() {
        assertEquals(11 * 512, of(1 << 20, new KernelSettings()).min());
        assertEquals((1 << 16) / 20, of(1 << 16, new KernelSettings()).min());
    }

    @Test
    void bothCanBeSet() {
        Watermarks marks = of(1 << 20, new KernelSettings().with("min_free_kbytes", "4000").with("watermark_scale_factor", "100"));

        assertEquals(1000, marks.min());
        assertEquals(1000 + 10_485, marks.low());
    }

    @Test
    void eachNodeHasItsShare() {
        Topology two = Topology.nodes(2, 1 << 19);
        KernelSettings settings = new KernelSettings().with("min_free_kbytes", "4000");

        assertEquals(500, Watermarks.of(1 << 19, two, settings).min());
    }
}
