package org.foliofleet.node.mm.ksm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Goal: with {@code merge_across_nodes} 0 only pages of one node are merged, and pages that migrate follow (R12.2). */
class KsmOfNodesTest {
    private final StatementBench bench = StatementBench.ofNodes(2, false, Map.of());

    /** Pages 0 to 3 on node 1, 4 to 7 on node 0, all equal. */
    private void fill(String across) {
        bench.set("ksm.merge_across_nodes", across);
        bench.run("p0 mmap 0 16 rw private anon", "p0 madvise 0 16 mergeable", "p0 cpu 1", "p0 write 0 4 tag 500 same", "p0 cpu 0",
            "p0 write 4 4 tag 500 same", "ksm-scan");
    }

    @AfterEach
    void nothingIsAmiss() {
        Invariants.quiet(bench.machine());
    }

    private long mapcount(long page) {
        return bench.page("p0", page).mapcount();
    }

    private long folio(long page) {
        return bench.page("p0", page).folioKey();
    }

    @Test
    void equalPagesOfDifferentNodesAreMerged() {
        fill("1");

        assertEquals(8, mapcount(0));
        assertEquals(bench.node("p0", 0), bench.node("p0", 7));
    }

    @Test
    void eachNodeHasAPageOfItsOwn() {
        fill("0");

        assertEquals(4, mapcount(0));
        assertEquals(4, mapcount(4));
        assertEquals(1, bench.node("p0", 0));
        assertEquals(0, bench.node("p0", 4));
        bench.run("p0 write 8 1 tag 500 same", "ksm-scan");
        assertEquals(folio(4), folio(8), "a page of node 0 finds that of node 0");
    }

    /** A page that several entries map stays as it is, beside the other; what comes later finds one of them. */
    @Test
    void aSharedPageThatMigratesChangesToTheOtherTree() {
        fill("0");
        bench.run("p0 move-pages 0 4 0 all");
        assertEquals(0, bench.node("p0", 0));

        bench.run("ksm-scan", "p0 write 8 1 tag 500 same", "ksm-scan");

        assertEquals(9, mapcount(0) + mapcount(4));
        assertNotEquals(folio(0), folio(4));
    }

    @Test
    void aPageThatOneEntryMapsIsMergedWhereItMigratesTo() {
        fill("0");
        bench.run("p0 write 1 3", "p0 move-pages 0 1 0 all", "ksm-scan");

        assertEquals(folio(4), folio(0));
        assertEquals(5, mapcount(0));
    }

    /** The page that was the tree's is on another node when an equal page comes: both are found again where they are. */
    @Test
    void aTreeForgetsAPageThatHasGone() {
        fill("0");
        bench.run("p0 move-pages 0 4 0 all", "p0 cpu 1", "p0 write 9 2 tag 500 same", "ksm-scan");

        assertEquals(folio(9), folio(10));
        assertEquals(1, bench.node("p0", 9));
        assertEquals(2, mapcount(9));
        assertEquals(8, mapcount(0) + mapcount(4));
    }

    @Test
    void itCannotBeChangedWhilePagesAreMerged() {
        fill("1");

        assertEquals("EBUSY", bench.run("set ksm.merge_across_nodes 0"));
        bench.run("p0 madvise 0 16 unmergeable", "ksm-scan");
        assertEquals("ok", bench.run("set ksm.merge_across_nodes 0"));
    }
}
