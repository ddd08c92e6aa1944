package org.foliofleet.protocol.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Goal: what is called a difference is one. Method: samples with known answers, and many samples of noise. */
class PairedDifferenceTest {
    @Test
    void meanSpreadAndTestAreThoseOfTheTextbook() {
        PairedDifference difference = PairedDifference.of(List.of(10L, 20L, 30L, 40L), List.of(12L, 25L, 33L, 46L));
        assertEquals(25, difference.base());
        assertEquals(29, difference.other());
        assertEquals(4, difference.mean());
        assertEquals(2, difference.least());
        assertEquals(6, difference.greatest());
        assertEquals(1.825742, difference.deviation(), 1e-6);
        // t is 4.38 with three degrees of freedom, and 5.841 is needed
        assertFalse(difference.isBeyondNoise());
        assertTrue(PairedDifference.of(List.of(10L, 20L, 30L, 40L), List.of(14L, 25L, 34L, 45L)).isBeyondNoise());
        assertEquals(0.16, difference.ratio(), 1e-9);
    }

    @Test
    void oneSeedCanNotTellAndEqualDifferencesCan() {
        assertFalse(PairedDifference.of(List.of(1L), List.of(1000L)).isBeyondNoise());
        assertTrue(PairedDifference.of(List.of(1L, 2L), List.of(2L, 3L)).isBeyondNoise());
        assertFalse(PairedDifference.of(List.of(1L, 2L), List.of(1L, 2L)).isBeyondNoise());
    }

    @Test
    void onlySeedsThatMeasuredBothCount() {
        PairedDifference difference = PairedDifference.of(Arrays.asList(5L, null, 7L), Arrays.asList(6L, 100L, null));
        assertEquals(1, difference.seeds());
        assertEquals(1, difference.mean());
        assertNull(PairedDifference.of(Arrays.asList(1L, null), Arrays.asList(null, 1L)));
    }

    @Test
    void noiseIsTakenForADifferenceInOneOfAHundredSamples() {
        Random random = new Random(5);
        for (int seeds : new int[] {3, 8, 35, 200}) {
            int taken = 0;
            for (int i = 0; i < 5000; i++) {
                List<Long> base = IntStream.range(0, seeds).mapToObj(seed -> Math.round(random.nextGaussian() * 1e6)).toList();
                List<Long> other = base.stream().map(value -> value + Math.round(random.nextGaussian() * 1e5)).toList();
                taken += PairedDifference.of(base, other).isBeyondNoise() ? 1 : 0;
            }
            assertTrue(taken > 15 && taken < 95, seeds + " seeds: " + taken + " of 5000");
        }
    }
}
