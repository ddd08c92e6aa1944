package org.foliofleet.protocol.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AmountTest {
    private record Drawing(RandomStream random, long round) implements Amount.Scope {
        @Override
        public long index(int level) {
            return round + level;
        }
    }

    private static Amount.Scope scope(long seed) {
        return new Drawing(RandomStream.of(seed, "test", 0), 3);
    }

    @Test
    void uniformDrawsEveryStepAndNothingElse() {
        Amount amount = new Amount.Uniform(10, 20, 5);
        Amount.Scope scope = scope(1);
        Set<Long> drawn = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            drawn.add(amount.draw(scope));
        }
        assertEquals(Set.of(10L, 15L, 20L), drawn);
    }

    @Test
    void zipfPrefersTheFirstAndReachesTheLast() {
        Amount amount = new Amount.Zipf(100, 199, 1);
        Amount.Scope scope = scope(2);
        int[] seen = new int[100];
        for (int i = 0; i < 200_000; i++) {
            seen[(int) amount.draw(scope) - 100]++;
        }
        assertTrue(seen[0] > seen[1] * 1.7 && seen[0] < seen[1] * 2.3, seen[0] + " and " + seen[1]);
        assertTrue(seen[1] > 5 * seen[20] && seen[20] > seen[70], "later ranks are rarer");
        assertTrue(seen[99] > 0);
    }

    @Test
    void exponentialHasItsMeanAndItsMedian() {
        long mean = 1_000_000;
        Amount amount = new Amount.Exponential(mean);
        Amount.Scope scope = scope(3);
        int rounds = 200_000;
        long sum = 0;
        int belowMedian = 0;
        long[] none = {};
        for (int i = 0; i < rounds; i++) {
            long drawn = amount.draw(scope);
            assertTrue(drawn >= amount.least(none) && drawn <= amount.most(none));
            sum += drawn;
            belowMedian += drawn < 693_147 ? 1 : 0;
        }
        assertEquals(mean, sum / (double) rounds, mean * 0.01);
        assertEquals(0.5, belowMedian / (double) rounds, 0.005);
    }

    @Test
    void sumsFollowTheLoopAroundThem() {
        Amount amount = new Amount.Sum(List.of(Amount.of(7), new Amount.Indexed(0, 100), new Amount.Indexed(1, -1)));
        assertEquals(7 + 300 - 4, amount.draw(scope(4)));
        assertEquals(7 - 2, amount.least(new long[] {5, 2}));
        assertEquals(7 + 500, amount.most(new long[] {5, 2}));
    }

    @Test
    void oneOfDrawsEachChoice() {
        Amount amount = new Amount.OneOf(List.of(Amount.of(1), Amount.of(2), Amount.of(30)));
        Amount.Scope scope = scope(5);
        Set<Long> drawn = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            drawn.add(amount.draw(scope));
        }
        assertEquals(Set.of(1L, 2L, 30L), drawn);
    }
}
