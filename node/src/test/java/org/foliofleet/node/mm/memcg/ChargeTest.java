package org.foliofleet.node.mm.memcg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.DeferredQueue;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: folios are charged to the cgroup of who brought them, and wait on its deferred split queue. Method: small scripts. */
class ChargeTest {
    private static final NumaNodeId NODE = new NumaNodeId(0);
    private final CgroupBench bench = new CgroupBench(Topology.nodes(2, 1 << 14), new KernelSettings().with("thp", "always"), 1 << 14);

    @BeforeEach
    void cgroups() {
        assertEquals(CallResult.OK, bench.operate(new MachineCall.CreateCgroup("web", 0)));
        assertEquals(CallResult.OK, bench.operate(new MachineCall.CreateCgroup("batch", 0)));
        bench.begin("w", "web");
        bench.begin("b", "batch");
        bench.begin("r", "");
    }

    @AfterEach
    void check() {
        bench.check();
        assertEquals(bench.machine().digest(), Machine.restore(bench.machine().snapshot()).digest());
    }

    private DeferredQueue queue() {
        return bench.machine().node(0).deferredQueue();
    }

    /** So many THPs, each without its first page. */
    private void partial(String process, int thps) {
        bench.mmap(process, 0, 512L * thps);
        bench.write(process, 0, 512L * thps);
        for (int i = 0; i < thps; i++) {
            bench.madvise(process, 512L * i, 1, Advice.DONTNEED);
        }
    }

    @Test
    void aNameStandsForOneCgroup() {
        assertEquals(new CallResult.Failed(Errno.EEXIST), bench.operate(new MachineCall.CreateCgroup("web", 0)));
    }

    @Test
    void whatAProcessTouchesIsChargedToItsCgroupUntilItIsFreed() {
        bench.mmap("w", 0, 1024);
        bench.write("w", 0, 600);
        assertEquals(1024, bench.charged("web"), "two THPs");
        assertEquals(0, bench.charged("batch"));

        bench.madvise("w", 0, 512, Advice.DONTNEED);
        assertEquals(512, bench.charged("web"));

        bench.call("w", new MemoryCall.Exit());
        assertEquals(0, bench.charged("web"));
    }

    @Test
    void childrenAreInTheCgroupOfTheirParent() {
        bench.mmap("w", 0, 8);
        bench.madvise("w", 0, 8, Advice.NOHUGEPAGE);
        bench.write("w", 0, 8);
        bench.call("w", new MemoryCall.Fork("c"));
        assertEquals(8, bench.charged("web"), "shared");

        bench.write("c", 0, 3);

        assertEquals(11, bench.charged("web"));
    }

    @Test
    void pagesOfFilesAreChargedToWhoTouchedThemFirst() {
        bench.operate(new MachineCall.CreateMemfd("shm", 64));
        for (String process : List.of("w", "b")) {
            bench.call(process, new MemoryCall.Mmap(CgroupBench.pages(0, 64), Protection.READ_WRITE, true, new Backing.File("shm", 0), Set.of()));
        }
        bench.write("w", 0, 10);
        bench.write("b", 0, 30);
        assertEquals(10, bench.charged("web"));
        assertEquals(20, bench.charged("batch"));

        bench.call("w", new MemoryCall.Exit());
        assertEquals(10, bench.charged("web"), "the file has them still");
        bench.call("b", new MemoryCall.Ftruncate("shm", 5));
        assertEquals(5, bench.charged("web"));
        assertEquals(0, bench.charged("batch"));
    }

    @Test
    void splitsMigrationsAndCollapsesLeaveTheCharge() {
        bench.mmap("w", 0, 512);
        bench.write("w", 0, 512);
        bench.call("w", new MemoryCall.Split(CgroupBench.pages(0, 512), 0, -1));
        assertEquals(0, bench.folio("w", 5).order());
        assertEquals(512, bench.charged("web"));

        bench.call("w", new MemoryCall.MigratePages(List.of(0), List.of(1)));
        assertEquals(512, bench.machine().node(1).charged(1));
        assertEquals(0, bench.machine().node(0).charged(1));

        assertEquals(CallResult.OK, bench.madvise("w", 0, 512, Advice.COLLAPSE));
        assertEquals(9, bench.folio("w", 0).order());
        assertEquals(1, bench.folio("w", 0).cgroup());
        assertEquals(512, bench.charged("web"));
    }

    @Test
    void pagesInSwapAreNotChargedUntilTheyComeBack() {
        bench.mmap("w", 0, 16);
        bench.madvise("w", 0, 16, Advice.NOHUGEPAGE);
        bench.write("w", 0, 16);
        bench.madvise("w", 0, 16, Advice.PAGEOUT);
        assertEquals(0, bench.charged("web"));

        bench.write("w", 0, 4);

        assertEquals(4, bench.charged("web"));
    }

    /** R8.12. */
    @Test
    void partiallyMappedFoliosWaitOnTheQueueOfTheirCgroup() {
        partial("r", 1);
        partial("w", 3);
        partial("b", 2);
        assertEquals(List.of(0, 1, 2), queue().cgroups());
        assertEquals(6, queue().length());
        long oldest = queue().oldest();

        assertEquals(2L, bench.machine().request(NODE, new FolioCommand.ScanDeferred(2, 1)));

        assertEquals(List.of(0, 1, 2), queue().cgroups());
        assertEquals(4, queue().length());
        assertEquals(1, bench.machine().node(0).folio(queue().headAt(queue().first(1))).cgroup());
        assertEquals(oldest, queue().oldest(), "that of the root came first");
        assertEquals(2L, bench.machine().request(NODE, new FolioCommand.ScanDeferred(9, 2)));
        assertEquals(List.of(0, 1), queue().cgroups());
        assertEquals(-1, queue().first(2));
    }

    /** R8.13: a pinned folio of one cgroup is met in its own pass only. */
    @Test
    void theShrinkerGoesFromCgroupToCgroup() {
        partial("w", 2);
        partial("b", 2);
        bench.call("b", new MemoryCall.Pin("h", CgroupBench.pages(10, 1)));

        bench.operate(new MachineCall.ShrinkSlab());

        assertEquals(List.of(2), queue().cgroups());
        assertEquals(1, queue().length());
        assertEquals(3, bench.counter("thp_split_page"));
        assertEquals(3 * 512 - 3, bench.charged("web") + bench.charged("batch") - 512);
        bench.call("b", new MemoryCall.Unpin("h"));
    }

    @Test
    void foliosThatAreFreedLeaveTheQueueOfTheirCgroup() {
        partial("w", 2);
        partial("r", 1);
        bench.call("w", new MemoryCall.Exit());
        assertEquals(List.of(0), queue().cgroups());
        assertFalse(queue().isEmpty());
        bench.call("r", new MemoryCall.Exit());
        assertTrue(queue().isEmpty());
    }
}
