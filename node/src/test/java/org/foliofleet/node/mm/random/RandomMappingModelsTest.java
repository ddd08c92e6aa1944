package org.foliofleet.node.mm.random;

import java.util.Arrays;
import java.util.List;
import org.foliofleet.protocol.policy.Switch;
import org.junit.jupiter.api.Test;

/**
 * Goal: the invariants hold under every mapcount model, shared test, rule of reuse and kind of reference, exact counts and the
 * exact answer to "does anybody else map it?" included; no process sees what another one wrote. Method: random programs under
 * random values of the switches of thread E. {@code -Dprograms=N} for more of them.
 */
class RandomMappingModelsTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 300);
    private static final List<Switch> SWITCHES = Arrays.stream(Switch.values()).filter(each -> each.group().equals("E")
            && each != Switch.INSERT_PAGE_RMAP).toList();

    private static ProgramRun run(long seed) {
        return new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY).departing(SWITCHES));
    }

    @Test
    void invariantsHoldAfterEveryCallUnderEveryModel() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> run(seed).sequentially());
    }

    @Test
    void pagesHoldWhatWasWrittenLastUnderEveryModel() {
        RandomProgramTest.forEachSeed(PROGRAMS / 2, seed -> run(seed).unchecked().comparing().sequentially());
    }

    @Test
    void invariantsHoldWhileProcessesRunAtOnceUnderEveryModel() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> run(seed).concurrently());
    }
}
