package org.foliofleet.node.mm.pressure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: a machine with too little memory does as section 10 says. Method: processes that touch more than there is. */
class MemoryPressureTest {
    private static final long FRAMES = 4096;

    /** R10.14, R10.15. */
    @Test
    void whatIsOldGoesToSwapWhenMemoryIsShort() {
        PressedMachine pressed = PressedMachine.small(FRAMES, 1 << 14);
        pressed.mmap("p", 0, 2 * FRAMES);

        assertEquals(CallResult.OK, pressed.write("p", 0, 2 * FRAMES));

        assertTrue(pressed.counter("pageoutrun") > 0, "kswapd was woken");
        assertTrue(pressed.count("p", 0, 2 * FRAMES, Pte.State.SWAP) >= FRAMES, "what does not fit is in swap");
        assertEquals(2 * FRAMES, pressed.count("p", 0, 2 * FRAMES, Pte.State.SWAP) + pressed.count("p", 0, 2 * FRAMES, Pte.State.PRESENT));
        assertEquals(pressed.counter("pgsteal_kswapd") + pressed.counter("pgsteal_direct"), pressed.counter("pgsteal_anon"));
        assertTrue(pressed.free(0) > 0);
        pressed.check();
        assertEquals(CallResult.OK, pressed.read("p", 0, FRAMES), "and comes back");
        pressed.check();
    }

    /** R10.5: pages whose entries are young twice become active; others go first. */
    @Test
    void whatIsUsedAllTheTimeStays() {
        PressedMachine pressed = PressedMachine.small(FRAMES, 1 << 14);
        pressed.mmap("p", 0, 2 * FRAMES);
        pressed.write("p", 0, 64);

        for (long page = 64; page < 2 * FRAMES; page += 64) {
            pressed.read("p", 0, 64);
            assertEquals(CallResult.OK, pressed.write("p", page, 64));
        }

        assertEquals(64, pressed.count("p", 0, 64, Pte.State.PRESENT), "the working set was never swapped out");
        assertTrue(pressed.counter("pgactivate") > 0);
        assertTrue(pressed.count("p", 64, 1024, Pte.State.SWAP) > 900);
        pressed.check();
    }

    /** R10.14, R10.17. */
    @Test
    void withoutSwapTheLargestProcessIsKilled() {
        PressedMachine pressed = PressedMachine.small(FRAMES, 0);
        pressed.mmap("small", 0, FRAMES);
        pressed.mmap("large", 0, FRAMES);
        assertEquals(CallResult.OK, pressed.write("large", 0, 3000));

        assertEquals(CallResult.OK, pressed.write("small", 0, 2000), "gets the memory of the other");

        assertEquals(1, pressed.counter("oom_kill"));
        assertEquals(CallResult.KILLED, pressed.read("large", 0, 1));
        assertEquals(CallResult.OK, pressed.call("large", new MemoryCall.Exit()));
        assertEquals(FRAMES - 2000, pressed.free(0));
        pressed.check();
    }

    /** R10.17: 3000 pages against 1090 of 4096; a score of 400 adds 1638 to these, one of 600 adds 2457. */
    @ParameterizedTest(name = "large {0}, small {1}: {2} is killed")
    @CsvSource({"0, 0, large", "-1000, 0, small", "0, 600, small", "0, 400, large", "-700, 0, small", "-1000, -1000, nobody"})
    void whoIsKilledIsAMatterOfScoresToo(int large, int small, String victim) {
        PressedMachine pressed = PressedMachine.small(FRAMES, 0);
        pressed.mmap("large", 0, FRAMES);
        pressed.mmap("parent", 0, FRAMES);
        assertEquals(CallResult.OK, pressed.call("large", new MemoryCall.OomScoreAdj(large)));
        assertEquals(CallResult.OK, pressed.call("parent", new MemoryCall.OomScoreAdj(small)));
        assertEquals(CallResult.OK, pressed.call("parent", new MemoryCall.Fork("small")), "which inherits the score");
        assertEquals(CallResult.OK, pressed.write("large", 0, 3000));

        CallResult wrote = pressed.write("small", 0, 2000);

        assertEquals(victim.equals("small") ? CallResult.KILLED : victim.equals("large") ? CallResult.OK : new CallResult.Failed(Errno.ENOMEM), wrote);
        assertEquals(victim.equals("large") ? CallResult.KILLED : CallResult.OK, pressed.read("large", 0, 1));
        assertEquals(new CallResult.Failed(Errno.EINVAL), pressed.call("parent", new MemoryCall.OomScoreAdj(1001)));
        pressed.check();
    }

    @Test
    void whoIsKilledWhileItWaitsForMemoryIsTold() {
        PressedMachine pressed = PressedMachine.small(FRAMES, 0);
        pressed.mmap("p", 0, 2 * FRAMES);

        assertEquals(CallResult.KILLED, pressed.write("p", 0, 2 * FRAMES));

        assertEquals(FRAMES, pressed.free(0));
        pressed.check();

        PressedMachine other = PressedMachine.small(FRAMES, 0);
        other.mmap("p", 0, 2 * FRAMES);
        assertEquals(CallResult.KILLED, other.call("p", new MemoryCall.MemWrite(new PageRange(PressedMachine.BASE, 2 * FRAMES), ContentTag.of(1))));
        other.check();
    }

    private static MemoryCall.NumaPolicy bindTo(int node) {
        return new MemoryCall.NumaPolicy("bind", Set.of(), List.of(node));
    }

    /** C11.a. */
    @Test
    void memoryBoundToAFullNodeIsReclaimedThereOrSomebodyIsKilled() {
        KernelSettings settings = new KernelSettings().with("thp", "never");
        PressedMachine swapping = new PressedMachine(Topology.nodes(2, FRAMES), settings, 1 << 14);
        swapping.mmap("p", 0, 2 * FRAMES);
        swapping.call("p", new MemoryCall.SetMempolicy(bindTo(1)));

        assertEquals(CallResult.OK, swapping.write("p", 0, 2 * FRAMES));

        assertEquals(FRAMES, swapping.free(0));
        assertEquals(1, Frame.node(swapping.entry("p", 2 * FRAMES - 1).frame(PressedMachine.BASE + 2 * FRAMES - 1)));
        swapping.check();

        PressedMachine full = new PressedMachine(Topology.nodes(2, FRAMES), settings, 0);
        full.mmap("p", 0, 2 * FRAMES);
        full.call("p", new MemoryCall.SetMempolicy(bindTo(1)));
        assertEquals(CallResult.KILLED, full.write("p", 0, 2 * FRAMES));
        assertEquals(FRAMES, full.free(0));
        full.check();
    }

    /** R10.14: the zonelist comes before reclaim. */
    @Test
    void anotherNodeIsTakenBeforeAnythingIsReclaimed() {
        PressedMachine pressed = new PressedMachine(Topology.nodes(2, FRAMES), new KernelSettings().with("thp", "never"), 1 << 14);
        pressed.mmap("p", 0, 2 * FRAMES);

        assertEquals(CallResult.OK, pressed.write("p", 0, FRAMES + 2000));

        assertEquals(0, pressed.counter("pgscan_direct") + pressed.counter("pgscan_kswapd"));
        assertTrue(pressed.free(1) < FRAMES);
        pressed.check();
    }
}
