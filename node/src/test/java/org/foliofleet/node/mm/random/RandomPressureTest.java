package org.foliofleet.node.mm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Goal: the invariants hold while memory is short, with much swap, little, and none: what reclaim takes and the OOM killer does is
 * never wrong. Method: random programs on small machines. {@code -Dprograms=N}, {@code -Dfirst=N} and {@code -Dseed=N} as in
 * {@link RandomProgramTest}.
 */
class RandomPressureTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 60);

    private static ProgramRun run(long seed) {
        return new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.SMALL_MEMORY));
    }

    @Test
    void invariantsHoldAfterEveryCallWhenMemoryIsShort() {
        Map<String, Integer> outcomes = new TreeMap<>();
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> run(seed).sequentially().outcomes()
                .forEach((outcome, count) -> outcomes.merge(outcome, count, Integer::sum)));
        if (Boolean.getBoolean("outcomes")) {
            outcomes.forEach((outcome, count) -> System.out.println(count + "\t" + outcome));
        }
    }

    @Test
    void pagesHoldWhatWasWrittenLastWhenMemoryIsShort() {
        RandomProgramTest.forEachSeed(PROGRAMS / 2, seed -> run(seed).unchecked().comparing().sequentially());
    }

    @Test
    void invariantsHoldWhileProcessesRunAtOnceWhenMemoryIsShort() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> run(seed).concurrently());
    }

    @Test
    void machinesThatAreRestoredAfterEveryTickDoTheSameWhenMemoryIsShort() {
        RandomProgramTest.forEachSeed(PROGRAMS / 30, seed -> assertEquals(run(seed).unchecked().concurrently().machine().digest(),
                run(seed).unchecked().restoring().concurrently().machine().digest()));
    }
}
