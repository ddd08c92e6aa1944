package org.foliofleet.node.mm.memcg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.id.OwnerId.MemcgId;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.Test;

/** Goal: no cgroup has more than its limit, and who wants more gets it by reclaim, or smaller folios, or is killed. Method: small scripts. */
class LimitTest {
    private CgroupBench bench;

    private void machine(int nodes, long swapPages, long max, String thp) {
        bench = new CgroupBench(Topology.nodes(nodes, 1 << 14), new KernelSettings().with("thp", thp), swapPages);
        assertEquals(CallResult.OK, bench.operate(new MachineCall.CreateCgroup("web", max)));
        bench.begin("w", "web");
        bench.begin("r", "");
    }

    private MemoryCgroup web() {
        return (MemoryCgroup) bench.machine().owner(new MemcgId(1));
    }

    private void check() {
        bench.check();
        assertEquals(bench.machine().digest(), Machine.restore(bench.machine().snapshot()).digest());
    }

    @Test
    void aCgroupBelowItsLimitIsAsIfItHadNone() {
        machine(1, 1 << 12, 1024, "always");
        bench.mmap("w", 0, 1024);
        bench.write("w", 0, 1024);
        assertEquals(1024, bench.charged("web"));
        assertEquals(0, web().timesAtMax());
        assertEquals(0, bench.counter("thp_fault_fallback"));
        check();
    }

    @Test
    void atTheLimitTheOldestPagesOfTheCgroupGoToSwap() {
        machine(1, 1 << 12, 256, "never");
        bench.mmap("r", 0, 256);
        bench.write("r", 0, 256);
        bench.mmap("w", 0, 400);
        bench.write("w", 0, 256);
        assertEquals(0, web().timesAtMax());

        bench.write("w", 256, 1);

        assertEquals(1, web().timesAtMax());
        assertEquals(Pte.State.SWAP, bench.entry("w", 0).state());
        assertEquals(Pte.State.PRESENT, bench.entry("w", 255).state());
        assertEquals(Pte.State.PRESENT, bench.entry("r", 0).state(), "others keep theirs");
        assertTrue(bench.charged("web") <= 256);
        assertTrue(bench.counter("pgsteal_direct") >= 32);
        assertEquals(0, bench.counter("allocstall"), "memory is not short");

        assertEquals(CallResult.OK, bench.write("w", 0, 400));
        assertTrue(bench.charged("web") <= 256);
        check();
    }

    /** R2.5: the fault falls back to smaller folios. */
    @Test
    void aHugeFolioThatCanNotBeChargedIsCountedAndDoneWithout() {
        machine(1, 1 << 12, 600, "always");
        bench.mmap("w", 0, 1024);
        bench.write("w", 0, 512);
        assertEquals(9, bench.folio("w", 0).order());

        assertEquals(CallResult.OK, bench.write("w", 512, 10));

        assertEquals(0, bench.folio("w", 512).order());
        assertEquals(522, bench.charged("web"));
        assertTrue(bench.counter("thp_fault_fallback_charge") > 0);
        assertEquals(bench.counter("thp_fault_fallback"), bench.counter("thp_fault_fallback_charge"));
        assertEquals(bench.counter("2048k.anon_fault_fallback"), bench.counter("2048k.anon_fault_fallback_charge"));
        assertEquals(0, web().timesAtMax(), "without defrag it does not reclaim");
        check();
    }

    @Test
    void withDefragAHugeFaultReclaimsOnceAndThenGetsIt() {
        machine(1, 1 << 12, 600, "always");
        assertEquals(CallResult.OK, bench.operate(new MachineCall.Set("thp_defrag", "always")));
        bench.mmap("w", 0, 1024);
        bench.write("w", 0, 512);

        assertEquals(CallResult.OK, bench.write("w", 512, 512));

        assertEquals(9, bench.folio("w", 512).order());
        assertEquals(Pte.State.SWAP, bench.entry("w", 0).state());
        assertEquals(1, web().timesAtMax());
        check();
    }

    @Test
    void withoutSwapTheLargestProcessOfTheCgroupIsKilled() {
        machine(1, 0, 128, "never");
        bench.begin("small", "web");
        bench.mmap("small", 0, 64);
        bench.write("small", 0, 20);
        bench.mmap("r", 0, 2048);
        bench.write("r", 0, 2048);
        bench.mmap("w", 0, 200);

        CallResult result = bench.write("w", 0, 200);

        assertTrue(result instanceof CallResult.Killed, result::toString);
        assertEquals(1, web().oomKills());
        assertTrue(web().timesOutOfMemory() > 0);
        assertEquals(1, bench.counter("oom_kill"));
        assertEquals(20, bench.charged("web"));
        assertEquals(CallResult.OK, bench.write("small", 0, 64), "there is room again");
        assertTrue(((Process) bench.machine().owner(bench.id("r"))).isAlive());
        bench.call("w", new MemoryCall.Exit());
        check();
    }

    @Test
    void pagesOfFilesAreChargedAndReclaimedToo() {
        machine(1, 1 << 12, 100, "never");
        bench.operate(new MachineCall.CreateMemfd("shm", 400));
        bench.call("w", new MemoryCall.Mmap(CgroupBench.pages(0, 400), Protection.READ_WRITE, true, new Backing.File("shm", 0), Set.of()));

        assertEquals(CallResult.OK, bench.write("w", 0, 400));

        assertTrue(bench.charged("web") <= 100);
        assertTrue(web().timesAtMax() > 0);
        assertEquals(CallResult.OK, bench.write("w", 0, 400), "and back");
        assertTrue(bench.charged("web") <= 100);
        check();
    }

    /** R9.5. */
    @Test
    void aCollapseThatCanNotBeChargedFails() {
        machine(1, 0, 520, "never");
        bench.mmap("w", 0, 512);
        bench.write("w", 0, 512);

        assertEquals(new CallResult.Failed(Errno.EBUSY), bench.madvise("w", 0, 512, Advice.COLLAPSE));

        assertEquals(512, bench.charged("web"));
        assertEquals(0, bench.folio("w", 0).order());
        check();
    }

    @Test
    void allNodesTogetherKeepTheLimit() {
        machine(2, 1 << 12, 300, "never");
        bench.mmap("w", 0, 600);
        bench.write("w", 0, 200);
        bench.call("w", new MemoryCall.Cpu(1));
        bench.write("w", 200, 80);
        assertEquals(280, bench.charged("web"));
        assertTrue(bench.machine().node(1).charged(1) >= 80);
        assertEquals(0, web().timesAtMax());

        bench.write("w", 280, 200);

        assertTrue(bench.charged("web") <= 300);
        assertTrue(web().timesAtMax() > 0);
        assertFalse(bench.machine().node(1).charged(1) < 80);
        check();
    }

    @Test
    void theQueueOfACgroupAtItsLimitIsShrunk() {
        machine(1, 1 << 12, 1100, "always");
        bench.mmap("w", 0, 1536);
        bench.write("w", 0, 1024);
        bench.madvise("w", 1, 511, Advice.DONTNEED);
        assertEquals(1024, bench.charged("web"));
        bench.madvise("w", 1024, 512, Advice.NOHUGEPAGE);

        assertEquals(CallResult.OK, bench.write("w", 1024, 512));

        assertTrue(bench.machine().node(0).deferredQueue().cgroups().isEmpty());
        assertTrue(bench.charged("web") <= 1100);
        check();
    }
}
