package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;

/**
 * Goal: what fails first at the limit of a 16-bit count, under each policy (MM-SEMANTICS 17.5). Method: a THP mapped by
 * PTEs is forked again and again: 512 references for each process.
 */
class RefcountOverflowTest {
    private static StatementBench bench(String policy) {
        StatementBench bench = new StatementBench();
        bench.set("refcount_bits", "16");
        bench.set("refcount_overflow", policy);
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512", "p0 mprotect 0 1 r");
        bench.changes("");
        return bench;
    }

    /** @return the first fork that failed, or the number of forks that were tried */
    private static int fork(StatementBench bench, int from, int to) {
        for (int child = from; child <= to; child++) {
            if (bench.run("p0 fork p" + child).equals("ENOMEM")) {
                return child;
            }
        }
        return to + 1;
    }

    private static Refcounts refcounts(StatementBench bench) {
        return bench.machine().node(0).refcounts();
    }

    /** Processes have names up to p39, so children fork again: each generation maps the folio 512 times more. */
    private static void overflow(StatementBench bench) {
        for (int i = 0; i < 63; i++) {
            bench.machine().request(bench.machine().namespace().process("p0"), new ProcessCommand.Execute(
                    new MemoryCall.Fork("child" + i)));
        }
    }

    @Test
    void uncheckedForksOverflowAndThenGupFails() {
        StatementBench bench = bench("unchecked_map_checked_gup");

        overflow(bench);

        assertEquals(Map.of("refcount_overflow", 1L), bench.changes("refcount_"));
        assertEquals("ENOMEM", bench.run("p0 getref r 0 4"));
        assertEquals(Refcounts.Operation.GUP, refcounts(bench).firstRefused());
        assertEquals(Map.of("refcount_gup_refused", 1L), bench.changes("refcount_"));
        assertEquals("ok", bench.run("p0 read 0 512"), "mapped pages can be used as ever");
    }

    @Test
    void anEarlyThresholdFailsForkAndLeavesTheParentAsItWas() {
        StatementBench bench = bench("fail_fork_and_fault");

        int failed = fork(bench, 1, 39);

        assertEquals(32, failed, "16384 references are half of the maximum");
        assertEquals(Refcounts.Operation.FORK, refcounts(bench).firstRefused());
        assertEquals(32 * 512, folio(bench).references());
        assertEquals("ok", bench.run("p1 exit"));
        assertEquals(31 * 512, folio(bench).references());
        assertEquals("ok", bench.run("p0 fork p33"), "there is room again");
    }

    @Test
    void aSaturatedFolioIsNeverFreed() {
        StatementBench bench = bench("saturate");

        overflow(bench);
        long frame = bench.frame("p0", 0);
        assertEquals(Map.of("refcount_saturated", 1L), bench.changes("refcount_"));
        for (int i = 0; i < 63; i++) {
            bench.machine().request(bench.machine().namespace().process("child" + i), new ProcessCommand.Execute(
                    new MemoryCall.Exit()));
        }
        bench.run("p0 munmap 0 512");

        Folio folio = bench.machine().node(0).folio(frame);
        assertEquals(0, folio.references());
        assertTrue(folio.has(Folio.SATURATED), "the folio leaks");
    }

    @Test
    void aWideCountHasNoLimit() {
        StatementBench bench = bench("wide");

        overflow(bench);

        assertEquals("ok", bench.run("p0 getref r 0 4"));
        assertEquals(Map.of(), bench.changes("refcount_"));
    }

    private static Folio folio(StatementBench bench) {
        return bench.machine().node(0).folio(bench.frame("p0", 0));
    }
}
