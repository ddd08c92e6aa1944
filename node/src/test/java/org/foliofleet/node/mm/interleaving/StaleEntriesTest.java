package org.foliofleet.node.mm.interleaving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.RmapCensus;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.ProcessCommand.OomBadness;
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

    /** One node, and a slower one to which reclaim demotes. */
    private static Race demoting(String... before) {
        return new Race(() -> {
            StatementBench bench = StatementBench.ofNodes(1, true, Map.of());
            bench.set("demotion", "true");
            return bench;
        }, before);
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
        assertEquals(0, bench.machine().node(0).statistics().get(VmEvent.RMAP_STALE));
        bench.run("p0 putref a", "p0 madvise 100 16 pageout", "p0 read 100 8");
        Invariants.quiet(bench.machine());
    }

    @Test
    @DisplayName("reclaim unmaps a folio of a device that is full, and who it took it from first maps it again")
    void swapInAmidSwapOut() {
        new Race(() -> StatementBench.withSwap(512), "p0 mmap 0 400 rw private anon", "p0 write 0 300 tag 9", "p0 madvise 0 300 pageout", "p0 write 350 1 tag 1",
            "p0 fork p1").run("reclaim", "p0 read 350 1", (bench, reclaimed, read) -> {
                bench.run("p0 read 350 1", "p1 read 350 1");
                return read + " " + bench.page("p0", 350).tag() + " " + bench.page("p1", 350).tag();
            }).saw("ok 1 1");
    }

    @Test
    @DisplayName("the last swap entry of a folio goes while the folio is demoted")
    void lastSwapEntryAndDemotion() {
        demoting("p0 mmap 0 8 rw private anon", "p0 write 0 8 tag 1", "p0 getref a 0 8", "p0 madvise 0 8 pageout", "p0 putref a").run("reclaim", "p0 munmap 0 4",
            (bench, reclaimed, gone) -> {
                bench.run("p0 read 4 4");
                return gone + " " + bench.page("p0", 5).tag();
            }).sawAmid("ok 1");
    }

    @Test
    @DisplayName("the OOM killer does not choose a child whose memory fork is still copying")
    void badnessAmidFork() {
        onTwoNodes("p0 mmap 0 8 rw private anon", "p0 write 0 8", "p0 mmap 100 8 rw private anon", "p0 write 100 8", "p0 move-pages 104 4 1").run(Race.call("p0 fork p1"), bench -> {
            ProcessId child = bench.machine().namespace().process("p1");
            return child == null ? bench.submit("p0 read 0 1") : bench.machine().submit(child, new OomBadness(Memcg.ALL));
        }, (bench, fork, badness) -> fork + " " + badness.replace(Long.toString(ProcessCommand.NOT_ELIGIBLE), "none")).sawAmid("ok none", "ok 18", "ok ok");
    }

    @Test
    @DisplayName("UFFDIO_COPY stops at a page that was filled while it waited for memory")
    void copyAndZeropage() {
        Race.on("p0 mmap 0 8 rw private anon", "p0 uffd-register 0 8 missing").run("p0 uffd-copy 0 8 tag 1", "p0 uffd-zeropage 4 1", (bench, copy, zero) -> copy + " "
            + zero + " " + bench.page("p0", 3).tag() + bench.page("p0", 4).tag() + (bench.page("p0", 5) == null ? "-" : bench.page("p0", 5).tag()))
            .sawAmid("EEXIST ok 10-", "ok EEXIST 111");
    }

    @Test
    @DisplayName("UFFDIO_MOVE of what is in the swap cache, amid its demotion")
    void userfaultMoveAndDemotion() {
        demoting("p0 mmap 0 8 rw private anon", "p0 mmap 100 9 rw private anon", "p0 uffd-register 100 9 missing", "p0 write 0 8 tag 1", "p0 write 108 1",
            "p0 getref a 0 8", "p0 madvise 0 8 pageout", "p0 putref a").run(Race.call("reclaim"), bench -> bench.machine().submit(bench.machine().namespace().process("p0"),
                new ProcessCommand.Execute(new MemoryCall.UffdMove(StatementBench.page(0), StatementBench.page(100), 8))), (bench, reclaimed, moved) -> {
                    bench.run("p0 read 100 8");
                    assertFoundByRmap(bench);
                    return moved + " " + bench.page("p0", 105).tag();
                }).sawAmid("ok 1");
    }
}
