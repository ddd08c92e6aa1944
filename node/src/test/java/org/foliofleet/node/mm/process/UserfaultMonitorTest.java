package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;

/** Goal: a fault that userfaultfd wants waits for the monitor (R13.2 to R13.4, C13). Method: calls, with a monitor attached. */
class UserfaultMonitorTest {
    private final StatementBench bench = new StatementBench(Map.of("f", 1024L));

    private void monitor(long pages) {
        assertEquals(CallResult.OK, bench.machine().request(bench.machine().namespace().process("p0"),
                new ProcessCommand.Execute(new MemoryCall.UffdMonitor(20_000, pages, ContentTag.of(77)))));
    }

    private Map<String, Long> events() {
        return bench.changes("uffd_");
    }

    @Test
    void missingPagesAreCopiedOneByOne() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 uffd-register 0 64 missing");
        monitor(1);

        assertEquals("ok", bench.run("p0 read 0 10"));
        assertEquals("ok", bench.run("p0 write 8 4"));

        assertEquals(Map.of("uffd_missing", 12L), events());
        assertEquals(77, bench.page("p0", 5).tag());
    }

    @Test
    void theMonitorFillsABlockAtATime() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 uffd-register 0 64 missing", "p0 uffd-copy 16 1");
        monitor(16);

        assertEquals("ok", bench.run("p0 read 3 1"));
        assertEquals(Map.of("uffd_missing", 1L), events());
        assertEquals(77, bench.page("p0", 15).tag());
        assertEquals("ok", bench.run("p0 read 20 1", "p0 read 17 1"), "the first page of the block is there: only the one that faulted");
        assertEquals(Map.of("uffd_missing", 2L), events());
    }

    /** C13.c: page after page until the collapse, then none, and again after the PMD was lost. */
    @Test
    void minorEventsEndWithTheCollapseAndComeBackWithTheLossOfThePmd() {
        bench.run("p0 pwrite f 0 512 tag 600", "p0 mmap 0 512 rw shared memfd:f", "p0 uffd-register 0 512 minor");
        monitor(1);

        assertEquals("ok", bench.run("p0 read 0 100"));
        assertEquals(Map.of("uffd_minor", 100L), events());
        assertEquals("ok", bench.run("p0 madvise 0 512 collapse"));
        assertEquals("ok", bench.run("p0 read 0 512", "p0 write 0 512"));
        assertEquals(Map.of(), events());
        assertTrue(bench.isHuge("p0", 0));

        bench.run("p0 mprotect 0 1 r", "p0 mprotect 0 1 rw");
        assertEquals("ok", bench.run("p0 read 100 64"));
        assertEquals(Map.of("uffd_minor", 64L), events());
    }

    @Test
    void writeProtectionIsLifted() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 write 0 64", "p0 uffd-register 0 64 wp", "p0 uffd-wp 0 32");
        monitor(8);

        assertEquals("ok", bench.run("p0 write 0 64"));
        assertEquals(Map.of("uffd_wp", 4L), events());
    }

    @Test
    void holesOfAFileAreFilledAndPagesBeyondItsEndRaiseSigbus() {
        bench.run("p0 ftruncate f 20", "p0 mmap 0 64 rw shared memfd:f", "p0 uffd-register 0 64 missing");
        monitor(1);

        assertEquals("SIGBUS@20", bench.run("p0 write 0 32"));
        assertEquals(Map.of("uffd_missing", 20L), events());
    }

    @Test
    void withoutAMonitorTheFaultRaisesSigbus() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 uffd-register 0 64 missing");

        assertEquals("SIGBUS@3", bench.run("p0 read 3 1"));
        assertEquals(Map.of("uffd_missing", 1L), events());
    }

    private void monitor(boolean unpopulated, MemoryCall.UffdEvent... events) {
        assertEquals("ok", bench.call("p0", new MemoryCall.UffdMonitor(20_000, 1, ContentTag.of(77), Set.of(events), unpopulated)));
    }

    @Test
    void aChildIsWatchedIfTheMonitorLearnsOfTheFork() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 write 0 8", "p0 uffd-register 0 64 missing+wp", "p0 uffd-wp 0 4");
        monitor(false, MemoryCall.UffdEvent.FORK);

        assertEquals("ok", bench.run("p0 fork p1", "p1 write 2 10"));

        assertEquals(Map.of("uffd_fork", 1L, "uffd_wp", 2L, "uffd_missing", 4L), events());
        assertEquals(77, bench.page("p0", 0) == null ? 0 : bench.page("p1", 8).tag() == bench.page("p1", 9).tag() ? 77 : 0);
        Invariants.quiet(bench.machine());
    }

    @Test
    void withoutTheEventTheChildIsNotWatched() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 write 0 8", "p0 uffd-register 0 64 missing+wp", "p0 uffd-wp 0 4");
        monitor(false);

        assertEquals("ok", bench.run("p0 fork p1", "p1 write 2 10"));

        assertEquals(Map.of(), events());
    }

    @Test
    void mappingsThatMoveStayWatchedIfTheMonitorLearnsOfIt() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 write 0 8", "p0 uffd-register 0 64 missing+wp", "p0 uffd-wp 0 4");
        monitor(false, MemoryCall.UffdEvent.REMAP);

        assertEquals("ok", bench.run("p0 mremap 0 64 64 fixed 1024", "p0 write 1024 12"));

        assertEquals(Map.of("uffd_remap", 1L, "uffd_wp", 4L, "uffd_missing", 4L), events());
    }

    @Test
    void theMonitorIsToldOfPagesThatGo() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 uffd-register 0 32 missing", "p0 uffd-register 48 16 missing");
        monitor(false, MemoryCall.UffdEvent.REMOVE, MemoryCall.UffdEvent.UNMAP);

        assertEquals("ok", bench.run("p0 write 0 4", "p0 madvise 0 64 dontneed", "p0 munmap 16 40"));

        assertEquals(Map.of("uffd_missing", 4L, "uffd_remove", 2L, "uffd_unmap", 2L), events());
        assertEquals("ENOMEM", bench.run("p0 madvise 0 20 dontneed"));
    }

    /** {@code mmap_changing}: the fork waits 20 us for the monitor, and the memory cannot be filled meanwhile. */
    @Test
    void memoryThatChangesCannotBeFilled() {
        bench.run("p0 mmap 0 64 rw private anon", "p0 uffd-register 0 64 missing");
        monitor(false, MemoryCall.UffdEvent.UNMAP);

        long munmap = bench.submit("p0 munmap 32 32");
        bench.machine().runUntil(bench.machine().tick() + 3);
        long copy = bench.submit("p0 uffd-copy 0 1");
        bench.machine().runUntil(bench.machine().tick() + 200);

        assertEquals("ok", bench.outcome(munmap));
        assertEquals("EAGAIN", bench.outcome(copy));
        assertEquals("ok", bench.run("p0 uffd-copy 0 1"));
    }

    @Test
    void pagesThatAreNotThereYetAreProtectedToo() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 madvise 0 1024 hugepage", "p0 write 0 1", "p0 uffd-register 0 1024 wp");
        monitor(true);

        assertEquals("ok", bench.run("p0 uffd-wp 508 16", "p0 read 510 4", "p0 write 508 8", "p0 write 518 8"));

        assertEquals(Map.of("uffd_wp", 14L), events());
        Invariants.quiet(bench.machine());
        assertEquals("ok", bench.run("p0 uffd-wp 600 16", "p0 uffd-unwp 600 16", "p0 write 600 16"));
        assertEquals(Map.of(), events());
    }
}
