package org.foliofleet.node.mm.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.Test;

/** Goal: pages go out to swap and come back as R2.13, R2.14 and R10.6 to R10.10 say. Method: calls, and small swap devices. */
class SwapTest {
    private final StatementBench bench = new StatementBench();

    @Test
    void clustersKeepFoliosOfOneOrderTogether() {
        SwapClusters clusters = new SwapClusters(1536);
        clusters.take(0, 1, 0);
        assertEquals(FrameRuns.of(512, 512), clusters.find(9, 1));
        clusters.take(512, 512, 9);
        assertEquals(FrameRuns.of(1024, 16), clusters.find(4, 1), "not among single slots");
        clusters.take(1024, 16, 4);
        assertTrue(clusters.find(9, 1).isEmpty());
        assertEquals(FrameRuns.of(1040, 32), clusters.find(4, 2));
        assertEquals(511 + 496, clusters.find(0, 5000).frames(), "single slots are taken from any cluster at last");
        clusters.free(0, 1);
        assertEquals(FrameRuns.of(0, 512), clusters.find(9, 3));
        assertEquals(528, clusters.used());
    }

    @Test
    void zeroFilledPagesAreNotWritten() {
        bench.run("p0 mmap 0 520 rw private anon", "p0 madvise 0 520 hugepage", "p0 write 512 4", "p0 write 516 2 tag 0 same", "p0 write 0 1 tag 0 same");
        bench.changes("");

        bench.run("p0 madvise 0 520 pageout");

        assertEquals(Map.of("pswpout", 4L, "swpout_zero", 514L), bench.changes("pswp", "swp"));
        bench.run("p0 read 0 2", "p0 read 516 1", "p0 read 512 1");
        assertEquals(Map.of("pswpin", 1L, "swpin_zero", 3L), bench.changes("pswp", "swp"));
        Invariants.quiet(bench.machine());
    }

    @Test
    void slotsAreFreeWhenTheirLastEntryIsGone() {
        bench.run("p0 mmap 0 8 rw private anon", "p0 write 0 8", "p0 madvise 0 8 pageout", "p0 fork p1");
        assertEquals(8, bench.machine().swap().used());
        bench.run("p0 read 0 4", "p1 munmap 0 2", "p0 munmap 0 2");
        assertEquals(6, bench.machine().swap().used(), "what is in the swap cache keeps its slot only while it is named or mapped");
        bench.run("p1 exit", "p0 munmap 0 8");
        assertEquals(0, bench.machine().swap().used());
        Invariants.quiet(bench.machine());
    }

    @Test
    void cleanPagesOfTheSwapCacheAreNotWrittenAgain() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 write 0 4", "p0 madvise 0 4 pageout", "p0 fork p1", "p0 read 0 4");
        assertTrue(bench.flags("p0", 0).contains("swapcache"));
        bench.changes("");

        bench.run("p0 madvise 0 4 pageout");

        assertEquals(Map.of(), bench.changes("pswp"));
        bench.run("p0 read 0 1");
        assertEquals(2, bench.page("p0", 0).tag());
        Invariants.quiet(bench.machine());
    }

    @Test
    void willneedReadsIntoTheSwapCacheAndFaultsMapWhatIsThere() {
        bench.run("p0 mmap 0 8 rw private anon", "p0 write 0 8", "p0 madvise 0 8 pageout");
        bench.changes("");

        bench.run("p0 madvise 2 4 willneed");
        assertEquals(Map.of("pswpin", 4L), bench.changes("pswp"));
        bench.run("p0 read 2 2", "p0 write 4 1");

        assertEquals(Map.of(), bench.changes("pswp"));
        assertTrue(bench.flags("p0", 2).containsAll(List.of("swapcache", "exclusive0")), "read: its slot is free only in name");
        assertTrue(bench.flags("p0", 4).contains("dirty"), "written: out of the swap cache");
        assertFalse(bench.flags("p0", 4).contains("swapcache"));
        bench.run("p0 munmap 0 8");
        assertEquals(0, bench.machine().swap().used());
        Invariants.quiet(bench.machine());
    }

    /** C10.b. */
    @Test
    void withoutSwapPageoutStillDestroysTheThp() {
        Machine machine = machine(0);
        ProcessId p0 = pageout(machine, 512);

        Map<String, Long> counters = machine.counters();
        assertEquals(1, counters.get("thp_split_page"));
        assertEquals(1, counters.get("thp_swpout_fallback"));
        assertEquals(0, counters.get("pswpout"));
        assertEquals(CallResult.OK, run(machine, p0, new MemoryCall.Read(new PageRange(0, 512))));
        Invariants.quiet(machine);
    }

    @Test
    void whereNoRoomIsForAThpItsPagesGoOneByOneAsFarAsTheyFit() {
        Machine machine = machine(512);
        ProcessId p0 = pageout(machine, 1024);

        assertEquals(512, machine.swap().used());
        assertEquals(1, machine.counters().get("thp_swpout"));
        assertEquals(1, machine.counters().get("thp_swpout_fallback"));
        assertEquals(512, machine.counters().get("pswpout"));
        assertEquals(CallResult.OK, run(machine, p0, new MemoryCall.Write(new PageRange(0, 1024), ContentTag.of(9))));
        assertEquals(0, machine.swap().used());
        Invariants.quiet(machine);
    }

    /** C10.f. */
    @Test
    void aLockedPageOfAThpStaysAndIsMlocked() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512", "p0 mlock 100 1");
        bench.changes("");

        bench.run("p0 madvise 0 100 pageout", "p0 madvise 101 411 pageout");

        Map<String, Long> changes = bench.changes("");
        assertEquals(1L, changes.get("unevictable_pgs_mlocked"));
        assertEquals(511L, changes.get("pswpout"));
        assertTrue(bench.flags("p0", 100).contains("mlocked"));
        Invariants.quiet(bench.machine());
    }

    /** C6.f. */
    @Test
    void aReferencedLazyfreeThpLosesItsPmdAndNothingElse() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512", "p0 madvise 0 512 free", "p0 getref r 3 1");
        bench.changes("");

        bench.run("p0 madvise 0 512 pageout");

        assertEquals(Map.of("thp_split_pmd", 1L), bench.changes("thp_", "pglazy"));
        assertFalse(bench.isHuge("p0", 0));
        assertFalse(bench.flags("p0", 0).contains("swapbacked"));
        Invariants.quiet(bench.machine());
    }

    /** C6.e. */
    @Test
    void oneWriteKeepsALazyfreeThpWhole() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512", "p0 madvise 0 512 free", "p0 write 3 1");
        bench.changes("");

        bench.run("p0 madvise 0 512 pageout");

        assertEquals(Map.of("thp_split_pmd", 1L), bench.changes("thp_", "pglazy"));
        assertTrue(bench.flags("p0", 0).containsAll(List.of("swapbacked", "dirty")));
        Invariants.quiet(bench.machine());
    }

    private static Machine machine(long swapPages) {
        return new Machine(Topology.oneNode(1 << 14), new KernelSettings().with("thp", "always"), swapPages);
    }

    private static CallResult run(Machine machine, ProcessId process, MemoryCall call) {
        return machine.request(process, new ProcessCommand.Execute(call));
    }

    private static ProcessId pageout(Machine machine, long pages) {
        ProcessId p0 = machine.spawn("p0", TaskContext.onNode(0));
        PageRange range = new PageRange(0, pages);
        run(machine, p0, new MemoryCall.Mmap(range, new Protection(true, true, false), false, new Backing.Anonymous(), Set.of()));
        run(machine, p0, new MemoryCall.Write(range, ContentTag.of(7)));
        run(machine, p0, new MemoryCall.Madvise(range, Advice.PAGEOUT));
        return p0;
    }
}
