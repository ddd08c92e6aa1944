package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.protocol.message.Pte;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: placement, migration and hint faults follow section 11 of the semantics on machines of 2 and 4 nodes. Method: its rules and cases one by one. */
class NumaRulesTest {
    private StatementBench bench;
    private int last;

    private void machine(int nodes) {
        machine(nodes, false);
    }

    private void machine(int nodes, boolean slow) {
        bench = StatementBench.ofNodes(nodes, slow, Map.of("f", 1024L));
        last = nodes - 1;
    }

    @AfterEach
    void everythingIsAccountedFor() {
        Invariants.quiet(bench.machine());
    }

    private List<Integer> nodes(String process, long from, long count, long step) {
        List<Integer> nodes = new ArrayList<>();
        for (long index = from; index < from + count; index += step) {
            nodes.add(bench.node(process, index));
        }
        return nodes;
    }

    private void thp() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
        bench.changes("");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.1: nearer nodes come first, of equally near ones those with higher numbers than the node's")
    void zonelist(int nodes) {
        machine(nodes);

        assertEquals(nodes == 2 ? List.of(1, 0) : List.of(1, 2, 0, 3), bench.machine().topology().zonelist(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.2 R11.3: memory comes from where the CPU is, the VMA's policy goes before the task's, a child inherits both")
    void policies(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 8 rw private anon", "p0 mmap 16 8 rw private anon", "p0 mbind 16 8 bind " + last, "p0 write 0 1", "p0 cpu " + last,
                "p0 write 1 1", "p0 cpu 0", "p0 mempolicy preferred 1", "p0 write 2 1", "p0 write 16 1", "p0 fork p1", "p1 write 3 1", "p1 write 17 1");

        assertEquals(List.of(0, last, 1), nodes("p0", 0, 3, 1));
        assertEquals(last, bench.node("p0", 16));
        assertEquals(1, bench.node("p1", 3));
        assertEquals(last, bench.node("p1", 17));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("C11.b R11.3: interleaved THPs take turns, a folio lies on one node")
    void interleavedThps(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 2048 rw private anon", "p0 madvise 0 2048 hugepage", "p0 mbind 0 2048 interleave 0," + last, "p0 write 0 2048");

        List<Integer> found = nodes("p0", 0, 2048, 512);
        assertNotEquals(found.get(0), found.get(1));
        assertEquals(found.subList(0, 2), found.subList(2, 4));
        assertEquals(List.of(found.get(0), found.get(0)), nodes("p0", 0, 512, 256));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.2: weights say how many pages in a row a node gets")
    void weights(int nodes) {
        machine(nodes);
        bench.run("set weight 0 3", "p0 mmap 0 16 rw private anon", "p0 mbind 0 16 weighted-interleave 0," + last, "p0 write 0 16");

        assertEquals(12, nodes("p0", 0, 16, 1).stream().filter(node -> node == 0).count());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.2: a home node is where a bound policy looks first; it needs a policy, and one that may have it")
    void homeNode(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 8 rw private anon", "p0 mmap 16 8 rw private anon", "p0 mbind 0 8 bind 0," + last);

        assertEquals("ok", bench.run("p0 home-node 0 8 " + last, "p0 write 0 8"));
        assertEquals(last, bench.node("p0", 3));
        assertEquals("ENOENT", bench.run("p0 home-node 16 8 0"));
        assertEquals("EINVAL", bench.run("p0 home-node 0 8 " + nodes));
        assertEquals("EOPNOTSUPP", bench.run("p0 mbind 16 8 preferred 1", "p0 home-node 0 24 0"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("C11.a R11.2: memory that is bound to a node comes from no other, and there is none when that is full")
    void boundToAFullNode(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 " + (1 << 17) + " rw private anon", "p0 mbind 0 " + (1 << 17) + " bind 1", "p0 madvise 0 " + (1 << 17) + " nohugepage");

        bench.run("p0 write 0 65536");

        long kept = bench.machine().node(1).frames().freePages();
        assertTrue(kept > 0 && kept < 1 << 13, "what the watermarks keep: " + kept);
        assertEquals(1 << 16, bench.machine().node(0).frames().freePages());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.5: mbind moves what is misplaced, without what others map unless it may, and says so if it is strict")
    void mbind(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 16 rw private anon", "p0 write 0 16");
        assertEquals("EIO", bench.run("p0 mbind 0 16 bind 1 strict"));
        assertEquals("ok", bench.run("p0 mbind 0 8 bind 1 move strict"));
        assertEquals(List.of(1, 0), nodes("p0", 0, 16, 8));
        bench.run("p0 fork p1");
        assertEquals("ok", bench.run("p0 mbind 8 8 bind 1 move"));
        assertEquals(0, bench.node("p0", 8));
        assertEquals("ok", bench.run("p0 mbind 8 8 bind 1 moveall strict"));
        assertEquals(List.of(1, 1), nodes("p1", 0, 16, 8));
        assertEquals("EFAULT", bench.run("p0 mbind 8 16 bind 1"));
        assertEquals("ok", bench.run("p0 mbind 8 16 default"));
        assertEquals("EFAULT", bench.run("p0 mbind 64 16 default"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("C11.c R11.5: a page of a THP that a child maps too moves only with all")
    void sharedThp(int nodes) {
        machine(nodes);
        thp();
        bench.run("p0 fork p1", "p0 move-pages 7 1 1");
        assertEquals(0, bench.node("p0", 7));

        bench.run("p0 move-pages 7 1 1 all");

        assertEquals(List.of(1, 1), nodes("p0", 0, 512, 256));
        assertEquals(List.of(1, 1), nodes("p1", 0, 512, 256));
        assertTrue(bench.isHuge("p1", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.5 R11.9 R11.10: whoever holds a page keeps it where it is; the pages of others move")
    void held(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 16 rw private anon", "p0 write 0 16", "p0 pin a 2 2", "p0 getref b 6 2");

        bench.run("p0 migrate-pages 0 " + last);

        assertEquals(List.of(last, last, 0, 0, last, last, 0, 0), nodes("p0", 0, 8, 1));
        bench.run("p0 unpin a", "p0 putref b", "p0 migrate-pages 0 " + last);
        assertEquals(List.of(last, last, last, last), nodes("p0", 2, 4, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.8: a partially mapped THP is split first; its pieces move, and what nobody maps is freed")
    void partiallyMapped(int nodes) {
        machine(nodes);
        thp();
        bench.run("p0 madvise 0 200 dontneed");

        bench.run("p0 migrate-pages 0 1");

        assertEquals(1, bench.node("p0", 300));
        assertEquals(0, bench.entry("p0", 300).order());
        assertEquals(1 << 16, bench.machine().node(0).frames().freePages());
        assertEquals(1, bench.changes("thp_migration_split").get("thp_migration_split"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.8: mlocked, swapped, shared and file memory moves as it is; the copies are what the old folios were")
    void flags(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 16 rw private anon", "p0 write 0 16", "p0 mlock 0 4", "p0 madvise 8 4 pageout", "p0 mmap 32 8 rw shared memfd:f",
                "p0 write 32 8");

        assertEquals("ok", bench.run("p0 migrate-pages 0 1"));

        assertTrue(bench.flags("p0", 0).contains("mlocked"));
        assertEquals(Pte.State.SWAP, bench.entry("p0", 8).state());
        assertEquals(List.of(1, 1), nodes("p0", 32, 8, 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.6 R11.7: the scanner leaves alone what is in place, bound, KSM, shared copy-on-write or pinned; what it chose moves when touched")
    void hints(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 16 rw private anon", "p0 write 0 16", "p0 pin a 4 1", "p0 mmap 32 4 rw private anon", "p0 mbind 32 4 bind 0", "p0 write 32 4",
                "p0 mmap 48 4 r shared memfd:f", "p0 read 48 4", "p0 cpu 1", "p0 numa-scan");

        assertTrue(bench.entry("p0", 0).has(Pte.NUMA_HINT));
        assertFalse(bench.entry("p0", 4).has(Pte.NUMA_HINT));
        assertFalse(bench.entry("p0", 32).has(Pte.NUMA_HINT));
        assertFalse(bench.entry("p0", 48).has(Pte.NUMA_HINT));
        bench.run("p0 getref b 3 1");
        assertTrue(bench.entry("p0", 3).has(Pte.NUMA_HINT), "a read by GUP takes no hint fault");
        bench.run("p0 putref b", "p0 write 0 16");
        assertEquals(List.of(1, 1, 1, 1, 0, 1), nodes("p0", 0, 6, 1));
        bench.run("p0 numa-scan");
        assertFalse(bench.entry("p0", 0).has(Pte.NUMA_HINT), "it is where its only thread runs");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("C11.d R11.7: a hint fault on a page that was pinned after it was chosen leaves it where it is, accessible")
    void pinnedAfterTheScan(int nodes) {
        machine(nodes);
        thp();
        bench.run("p0 cpu 1", "p0 numa-scan");
        assertTrue(bench.entry("p0", 0).has(Pte.NUMA_HINT));

        bench.run("p0 cpu 0", "p0 pin a 5 1", "p0 cpu 1", "p0 numa-scan", "p0 write 0 512");

        assertEquals(List.of(0, 0), nodes("p0", 0, 512, 256));
        assertFalse(bench.entry("p0", 0).has(Pte.NUMA_HINT));
        bench.run("p0 unpin a", "p0 numa-scan", "p0 write 9 1");
        assertEquals(List.of(1, 1), nodes("p0", 0, 512, 256));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.7: a folio of several processes moves with the second fault in a row from one node")
    void severalTouch(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 8 rw shared memfd:f", "p0 mbind 0 8 bind+balancing 0,1", "p0 write 0 8", "p0 fork p1", "p0 numa-scan", "p0 read 0 8",
                "p1 cpu 1", "p1 read 0 8", "p1 numa-scan", "p1 read 0 8");
        assertEquals(0, bench.node("p1", 0));

        bench.run("p1 numa-scan", "p1 read 0 8");

        assertEquals(1, bench.node("p0", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.7: a balanced policy lets folios move to its own nodes only")
    void outsideThePolicy(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 8 rw private anon", "p0 write 0 8", "p0 mbind 0 8 bind+balancing " + last, "p0 numa-scan", "p0 write 0 8");

        assertEquals(0, bench.node("p0", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.12: reclaim moves to the slower tier what nobody holds, whatever its policy; hints bring it back at the second fault")
    void demotion(int nodes) {
        machine(nodes, true);
        bench.run("set demotion true", "p0 mmap 0 16 rw private anon", "p0 mbind 0 4 bind 0", "p0 write 0 16", "p0 pin a 4 2", "p0 mlock 6 2", "reclaim");
        assertEquals(0, bench.node("p0", 4));
        assertEquals(0, bench.node("p0", 6));
        bench.run("p0 read 0 16");

        bench.run("p0 numa-scan", "p0 read 8 8");
        int first = bench.node("p0", 8);
        bench.run("p0 numa-scan", "p0 read 8 8");

        assertEquals(0, bench.node("p0", 8));
        assertEquals(first, first == nodes ? nodes : 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.13: a collapse goes where most of the pages are")
    void collapse(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 nohugepage", "p0 write 0 200", "p0 cpu " + last, "p0 write 200 312", "p0 cpu 0",
                "p0 madvise 0 512 hugepage", "p0 madvise 0 512 collapse");

        assertTrue(bench.isHuge("p0", 0));
        assertEquals(last, bench.node("p0", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("R11.11 R11.8: what migrate_pages() reports counts split folios as failed only if something stays")
    void reported(int nodes) {
        machine(nodes);
        bench.run("p0 mmap 0 1024 rw private anon", "p0 madvise 0 1024 hugepage", "p0 write 0 1024", "p0 madvise 0 1 dontneed", "p0 getref a 600 1");

        assertEquals(2, bench.left("p0 migrate-pages 0 1"));
        assertEquals(List.of(1, 0), nodes("p0", 1, 1022, 1021));
    }
}
