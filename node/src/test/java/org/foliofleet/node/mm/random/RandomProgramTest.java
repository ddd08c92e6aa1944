package org.foliofleet.node.mm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever programs do, the machine's invariants hold. Method: random programs, one call after the other and all
 * processes at once, on machines with much and with little memory. {@code -Dprograms=100000} for more of them, {@code
 * -Dseed=N} for the one that failed.
 */
class RandomProgramTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 1200);
    private static final Long ONLY = Long.getLong("seed");

    static void forEachSeed(int programs, LongConsumer test) {
        long first = ONLY != null ? ONLY : 1;
        long last = ONLY != null ? ONLY : programs;
        for (long seed = first; seed <= last; seed++) {
            try {
                test.accept(seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("replay with: mvn -o -q -pl node -am test -Dtest=RandomProgramTest -Dseed=" + seed + "\n" + e.getMessage(), e);
            }
        }
    }

    @Test
    void invariantsHoldAfterEveryCall() {
        Map<String, Integer> outcomes = new TreeMap<>();
        forEachSeed(PROGRAMS, seed -> new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).sequentially().outcomes()
                .forEach((outcome, count) -> outcomes.merge(outcome, count, Integer::sum)));
        if (Boolean.getBoolean("outcomes")) {
            outcomes.forEach((outcome, count) -> System.out.println(count + "\t" + outcome));
        }
    }

    /** Appendix B, 13, after every call. */
    @Test
    void pagesHoldWhatWasWrittenLast() {
        forEachSeed(PROGRAMS / 4, seed -> new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().comparing().sequentially());
    }

    @Test
    void invariantsHoldWhileProcessesRunAtOnce() {
        forEachSeed(PROGRAMS, seed -> new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).concurrently());
    }

    @Test
    void equalSeedsHaveEqualDigestsAndOtherSeedsOthers() {
        forEachSeed(PROGRAMS / 10, seed -> {
            String digest = new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().concurrently().machine().digest();
            assertEquals(digest, new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().concurrently().machine().digest());
            assertTrue(!digest.equals(new ProgramRun(RandomProgram.of(seed + 1, RandomProgram.Flavor.ANY)).unchecked().concurrently().machine()
                    .digest()));
        });
    }

    @Test
    void machinesThatAreRestoredAfterEveryTickDoTheSame() {
        forEachSeed(PROGRAMS / 40, seed -> {
            RandomProgram program = RandomProgram.of(seed, RandomProgram.Flavor.ANY);
            String digest = new ProgramRun(program).unchecked().concurrently().machine().digest();
            assertEquals(digest, new ProgramRun(program).unchecked().restoring().concurrently().machine().digest());
        });
    }
}
