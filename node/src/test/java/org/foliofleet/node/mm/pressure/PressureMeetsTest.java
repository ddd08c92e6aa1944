package org.foliofleet.node.mm.pressure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.function.Function;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;

/**
 * Goal: reclaim and whatever processes do meanwhile leave a sound machine, whoever comes first. Method: a process that needs memory,
 * and after so many ticks, for many numbers of ticks, another one's call; and the other way round.
 */
class PressureMeetsTest {
    private static final long FRAMES = 1024;
    private static final int TICKS = 90;
    private static final int STRIDE = 9;

    private static final MemoryCall NEEDS = new MemoryCall.Write(PressedMachine.pages(0, 500), ContentTag.of(3));

    /** Runs both calls, the second after so many ticks; each machine is sound at the end, and both have answers. */
    private static void meet(long swap, Set<CallResult> allowed, Function<PressedMachine, MemoryCall> other) {
        for (int order = 0; order < 2; order++) {
            for (int ticks = 0; ticks < TICKS; ticks += STRIDE) {
                PressedMachine pressed = PressedMachine.small(FRAMES, swap);
                pressed.mmap("needy", 0, 600);
                pressed.mmap("other", 0, 600);
                pressed.write("other", 0, 600);
                MemoryCall call = other.apply(pressed);
                long first = order == 0 ? pressed.begin("needy", NEEDS) : pressed.begin("other", call);
                for (int i = 0; i < ticks; i++) {
                    pressed.machine().step();
                }
                long second = order == 0 ? pressed.begin("other", call) : pressed.begin("needy", NEEDS);
                pressed.machine().runUntilQuiet();
                CallResult needy = (CallResult) pressed.machine().takeAnswer(order == 0 ? first : second);
                CallResult others = (CallResult) pressed.machine().takeAnswer(order == 0 ? second : first);
                String when = "order " + order + ", " + ticks + " ticks: ";
                assertTrue(allowed.contains(needy), when + "who needs memory ends with " + needy);
                assertTrue(others == CallResult.KILLED || others instanceof CallResult.Ok, when + call + " ends with " + others);
                pressed.check();
            }
        }
    }

    @Test
    void whoWaitsForMemoryGetsThatOfAProcessThatExits() {
        meet(0, Set.of(CallResult.OK), pressed -> new MemoryCall.Exit());
    }

    @Test
    void forkAndReclaimLeaveEveryPageWithItsOwners() {
        meet(1 << 12, Set.of(CallResult.OK), pressed -> new MemoryCall.Fork("child"));
    }

    @Test
    void pinsAndReclaimDoNotTakeEachOthersPages() {
        meet(1 << 12, Set.of(CallResult.OK), pressed -> new MemoryCall.Pin("device", PressedMachine.pages(100, 50)));
    }

    @Test
    void pagesThatAreUnmappedWhileTheyAreReclaimedAreGone() {
        meet(1 << 12, Set.of(CallResult.OK), pressed -> new MemoryCall.Munmap(PressedMachine.pages(0, 300)));
    }

    @Test
    void locksAndReclaimAgree() {
        meet(1 << 12, Set.of(CallResult.OK), pressed -> new MemoryCall.Mlock(PressedMachine.pages(0, 300), false));
    }

    /** R10.17: a killed process that has a pin of its own memory gives that back too. */
    @Test
    void whatAKilledProcessPinnedIsFree() {
        PressedMachine pressed = PressedMachine.small(FRAMES, 0);
        pressed.mmap("large", 0, 700);
        pressed.call("large", new MemoryCall.Pin("device", PressedMachine.pages(0, 700)));
        pressed.mmap("small", 0, 600);

        assertEquals(CallResult.OK, pressed.write("small", 0, 600));

        assertEquals(1, pressed.counter("oom_kill"));
        assertEquals(FRAMES - 600, pressed.free(0));
        pressed.check();
    }
}
