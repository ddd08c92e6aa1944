package org.foliofleet.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.foliofleet.protocol.serial.Wire;
import org.junit.jupiter.api.Test;

/** Goal: histograms are exact in number and sum, and right to three percent in value. Method: against the values themselves. */
class LatenciesTest {
    private static final long SEED = Long.getLong("seed", 11);

    @Test
    void aBucketHoldsValuesThatAreThreePercentApart() {
        Random random = new Random(SEED);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >>> 1 + random.nextInt(62);
            long highest = Latencies.highest(value);
            assertTrue(highest >= value && highest - value <= value / 32, () -> value + " is in a bucket up to " + highest + ", seed " + SEED);
            assertEquals(highest, Latencies.highest(highest), () -> "seed " + SEED);
        }
    }

    @Test
    void sumsDoNotDependOnTheirOrder() {
        Random random = new Random(SEED);
        List<Latencies> parts = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < 500; i++) {
            long value = random.nextInt(1_000_000);
            long count = 1 + random.nextInt(5);
            parts.add(Latencies.NONE.withFaults(LatencyKind.values()[random.nextInt(9)], count, value));
            sum += value * count;
        }
        Latencies all = parts.stream().reduce(Latencies.NONE, Latencies::and);
        Collections.shuffle(parts, random);
        assertEquals(all, parts.stream().reduce(Latencies.NONE, Latencies::and), () -> "seed " + SEED);
        long total = 0;
        for (LatencyKind kind : LatencyKind.values()) {
            total += all.sum(kind);
        }
        assertEquals(sum, total, () -> "seed " + SEED);
        assertEquals(all, Wire.decode(Wire.encode(all)));
    }

    @Test
    void stallsBecomePartOfTheNextFaultAndLocksAreCountedInTicks() {
        Latencies spent = Latencies.NONE.withStall(LatencyKind.SPLIT, 100).withStall(LatencyKind.LOCK, 3).withFaults(LatencyKind.ANON, 3, 10);
        assertEquals("2 anon of 10 ns, 1 anon of 111 ns, 1 split of 101 ns, 1 lock of 3 ns", spent.toString());
        assertEquals(130, spent.sum(LatencyKind.ANON));
        assertEquals("2 anon of 10 ns, 1 anon of 111 ns, 1 split of 101 ns, 1 lock of 3007 ns", spent.inNanos(1000).toString());
        assertEquals(3000, spent.inNanos(1000).sum(LatencyKind.LOCK));
    }
}
