package org.foliofleet.coordinator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RequestRateTest {
    private final AtomicLong clock = new AtomicLong(5);

    @Test
    void aBurstIsTakenAndThenOnlyTheRate() {
        RequestRate rate = new RequestRate(2, 3, clock::get);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, rate.take("a"));
        }
        assertEquals(1, rate.take("a"));
        assertEquals(0, rate.take("b"), "another address has its own");
        clock.addAndGet(500_000_000);
        assertEquals(0, rate.take("a"));
        assertEquals(1, rate.take("a"));
        clock.addAndGet(3_600_000_000_000L);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, rate.take("a"));
        }
        assertEquals(1, rate.take("a"), "no more than a burst is saved");
    }

    @Test
    void addressesWithoutEndAreForgotten() {
        RequestRate rate = new RequestRate(1, 1, clock::get);
        for (int i = 0; i < 20_000; i++) {
            assertEquals(0, rate.take("a" + i));
        }
        assertEquals(0, rate.take("a0"), "the first was forgotten");
        assertEquals(1, rate.take("a19999"), "the last was not");
    }
}
