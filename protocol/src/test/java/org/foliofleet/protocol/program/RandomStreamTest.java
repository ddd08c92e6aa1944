package org.foliofleet.protocol.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
    private static final long GOLDEN_FIRST = 4835304098585827285L;

    @Test
    void theDrawsOfAnOwnerAreTheSameForEver() {
        RandomStream stream = RandomStream.of(42, "workload", 7);
        long[] drawn = {stream.next(), stream.next(), stream.next()};
        assertEquals(GOLDEN_FIRST, drawn[0], "a changed generator changes every result ever published");
        RandomStream again = RandomStream.of(42, "workload", 7);
        for (long draw : drawn) {
            assertEquals(draw, again.next());
        }
    }

    @Test
    void drawsOfOneOwnerDoNotDependOnWhatOthersDraw() {
        RandomStream alone = RandomStream.of(1, "workload", 1);
        RandomStream amongOthers = RandomStream.of(1, "workload", 1);
        RandomStream other = RandomStream.of(1, "workload", 2);
        for (int i = 0; i < 100; i++) {
            other.next();
            assertEquals(alone.next(), amongOthers.next());
        }
    }

    @Test
    void seedPurposeOwnerAndDrawEachMakeADifference() {
        Set<Long> draws = new HashSet<>();
        int count = 0;
        for (long seed = -2; seed < 3; seed++) {
            for (String purpose : new String[] {"workload", "model", ""}) {
                for (long owner = -10; owner < 10; owner++) {
                    RandomStream stream = RandomStream.of(seed, purpose, owner);
                    for (int draw = 0; draw < 20; draw++, count++) {
                        draws.add(stream.next());
                    }
                }
            }
        }
        assertEquals(count, draws.size());
    }

    @Test
    void childrenHaveStreamsOfTheirOwnWhateverTheParentDrew() {
        RandomStream parent = RandomStream.of(5, "workload", 1);
        long first = parent.child(0).next();
        assertNotEquals(first, parent.child(1).next());
        parent.next();
        assertEquals(first, parent.child(0).next());
        assertNotEquals(first, RandomStream.of(5, "workload", 2).child(0).next());
    }

    @Test
    void aSavedStreamGoesOnWhereItWas() {
        RandomStream stream = RandomStream.of(9, "workload", 3);
        stream.next();
        stream.below(10);
        RandomStream restored = RandomStream.restored(stream.key(), stream.position());
        assertEquals(stream.next(), restored.next());
    }

    @Test
    void everyNumberBelowTheBoundIsAboutEquallyLikely() {
        for (long seed = 0; seed < 5; seed++) {
            RandomStream stream = RandomStream.of(seed, "test", 0);
            int[] seen = new int[10];
            for (int i = 0; i < 100_000; i++) {
                seen[(int) stream.below(10)]++;
            }
            for (int number = 0; number < 10; number++) {
                int count = seen[number];
                long failing = seed;
                assertTrue(count > 9_500 && count < 10_500, () -> "seed " + failing + ": " + count);
            }
        }
    }

    @Test
    void hugeBoundsAreKept() {
        RandomStream stream = RandomStream.of(3, "test", 0);
        boolean upperHalf = false;
        for (int i = 0; i < 1000; i++) {
            long drawn = stream.below(Long.MAX_VALUE);
            assertTrue(drawn >= 0 && drawn < Long.MAX_VALUE);
            upperHalf |= drawn > Long.MAX_VALUE / 2;
        }
        assertTrue(upperHalf);
        assertEquals(0, stream.below(1));
        assertThrows(IllegalArgumentException.class, () -> stream.below(0));
    }

    /** Each of the 64 bits of a draw is set about half of the time, also between neighbouring keys and counters. */
    @Test
    void bitsAreBalanced() {
        int rounds = 20_000;
        int[] set = new int[64];
        for (int i = 0; i < rounds; i++) {
            long bits = RandomStream.of(i & 3, "test", i >> 4).child(i).next();
            for (int bit = 0; bit < 64; bit++) {
                set[bit] += (int) (bits >>> bit & 1);
            }
        }
        for (int bit = 0; bit < 64; bit++) {
            int count = set[bit];
            int failing = bit;
            assertTrue(Math.abs(count - rounds / 2) < 500, () -> "bit " + failing + ": " + count);
        }
    }
}
