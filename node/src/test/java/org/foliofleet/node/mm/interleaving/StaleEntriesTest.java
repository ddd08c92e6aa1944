package org.foliofleet.node.mm.interleaving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.RmapCensus;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Goal: who asks several owners one after the other acts on entries and folios as they are by then, not as they were when it
 * began. Method: the smallest pairs of operations of which one waits for a second owner while the other takes away what the
 * first has seen.
 */
class StaleEntriesTest {
    private static final String[] ON_BOTH_NODES = {"p0 mmap 0 16 rw private anon", "p0 write 0 16 tag 1", "p0 move-pages 8 8 1"};

    private static Race onTwoNodes(String... before) {
        return new Race(() -> StatementBench.ofNodes(2, false, Map.of()), before);
    }

    private static void assertFoundByRmap(StatementBench bench) {
        assertEquals(List.of(), RmapCensus.outOfReach(bench.machine()));
    }

    @Test
    @DisplayName("fork asks the second node when the pages there may have left it")
    void forkAndMigration() {
        onTwoNodes(ON_BOTH_NODES).run("p0 fork p1", "p0 move-pages 8 8 0", (bench, fork, move) -> {
            assertFoundByRmap(bench);
            return fork + " " + (bench.frame("p0", 12) == bench.frame("p1", 12) ? "shared" : "apart") + " on " + bench.node("p1", 12);
        }).saw("ok shared on 0", "ok shared on 1");
    }

    @Test
    @DisplayName("ksmd looks for a page that is on its way to another node")
    void mergingAndMigration() {
        onTwoNodes("p0 mmap 0 3 rw private anon", "p0 madvise 0 3 mergeable", "p0 write 0 2 tag 5 same", "ksm-scan 2", "p0 write 2 1 tag 5 same", "ksm-scan 1")
            .run("ksm-scan 1", "p0 move-pages 0 1 1 all", (bench, scanned, move) -> {
                bench.run("ksm-scan 2");   // a scan forgets addresses at which it met migration entries, and the next one takes note of them again
                assertFoundByRmap(bench);
                long frame = bench.frame("p0", 0);
                long node = frame + bench.machine().node(bench.node("p0", 0)).folio(frame).indexDelta();
                return scanned + " " + bench.smaps("p0", 0).get("KSM") + " kB of stable node " + node + " on " + bench.node("p0", 0);
            }).saw("ok 12 kB of stable node 1 on 0", "ok 12 kB of stable node 1 on 1");
    }

    @Test
    @DisplayName("UFFDIO_MOVE of what is in the swap cache: the folio is found where it is mapped again")
    void userfaultMoveOfSwapCache() {
        StatementBench bench = StatementBench.withSwap(1 << 10);
        bench.run("p0 mmap 0 16 rw private anon", "p0 mmap 100 16 rw private anon", "p0 uffd-register 100 16 missing", "p0 write 0 16 tag 1", "p0 write 110 1 tag 2");
        bench.run("p0 getref a 3 1", "p0 madvise 0 16 pageout");
        assertEquals("ok", bench.call("p0", new MemoryCall.UffdMove(StatementBench.page(0), StatementBench.page(100), 8)));
        bench.changes("");
        assertEquals("ok", bench.run("p0 read 100 8"));
        assertEquals(1, bench.page("p0", 103).tag());
        assertFoundByRmap(bench);
        assertEquals(0, bench.machine().node(0).statistics().get(org.foliofleet.node.mm.numa.VmEvent.RMAP_STALE));
        bench.run("p0 putref a", "p0 madvise 100 16 pageout", "p0 read 100 8");
        Invariants.quiet(bench.machine());
    }
}
