package org.foliofleet.node.mm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/**
 * Goal: the invariants hold, and no page is lost, while a slow swap device writes what reclaim chose. Method: random programs on machines
 * with little memory, and with enough. {@code -Dprograms=N} for more of them.
 */
class RandomWritebackTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 24);

    private static ProgramRun run(long seed) {
        RandomProgram.Flavor flavor = seed % 3 == 0 ? RandomProgram.Flavor.ANY : RandomProgram.Flavor.SMALL_MEMORY;
        return new ProgramRun(RandomProgram.of(seed, flavor).writingSlowly());
    }

    @Test
    void pagesHoldWhatWasWrittenLastOverASlowDevice() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> run(seed).comparing().sequentially());
    }

    @Test
    void invariantsHoldWhileProcessesRunAtOnceOverASlowDevice() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> run(seed).concurrently());
    }

    @Test
    void machinesThatAreRestoredAfterEveryTickDoTheSameOverASlowDevice() {
        RandomProgramTest.forEachSeed(Math.max(1, PROGRAMS / 24), seed -> assertEquals(run(seed).unchecked().concurrently().machine().digest(),
                run(seed).unchecked().restoring().concurrently().machine().digest()));
    }
}
