package org.foliofleet.node.mm.random;

import java.util.Arrays;
import java.util.List;
import org.foliofleet.protocol.policy.Switch;
import org.junit.jupiter.api.Test;

/** Goal: what must hold always holds under every switch of thread D, and with monitors. Method: random programs, each with values drawn for its seed. */
class RandomCollapseSwitchesTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 100);
    private static final List<Switch> SWITCHES = Arrays.stream(Switch.values()).filter(each -> each.group().equals("D")).toList();

    private static RandomProgram program(long seed) {
        return RandomProgram.of(seed, RandomProgram.Flavor.ANY).departing(SWITCHES);
    }

    @Test
    void invariantsHoldAfterEveryCallWithMonitors() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> new ProgramRun(program(seed).monitored()).sequentially());
    }

    @Test
    void pagesHoldWhatWasWrittenLastUnderEverySwitch() {
        RandomProgramTest.forEachSeed(PROGRAMS / 2, seed -> new ProgramRun(program(seed)).unchecked().comparing().sequentially());
    }

    @Test
    void invariantsHoldWhileProcessesRunAtOnceWithMonitors() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> new ProgramRun(program(seed).monitored()).concurrently());
    }
}
