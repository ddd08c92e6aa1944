package org.foliofleet.coordinator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.foliofleet.protocol.experiment.Metric;
import org.junit.jupiter.api.Test;

class QuantitiesTest {
    @Test
    void numbersAreShownInTheUnitThatFits() {
        assertEquals("4 KiB", Quantities.of(1, Metric.Unit.PAGES));
        assertEquals("2 MiB", Quantities.of(512, Metric.Unit.PAGES));
        assertEquals("1.5 GiB", Quantities.of(3 << 17, Metric.Unit.PAGES));
        assertEquals("100 B", Quantities.of(100, Metric.Unit.BYTES));
        assertEquals("12.5 %", Quantities.of(1250, Metric.Unit.PERCENT));
        assertEquals("0 KiB", Quantities.of(0, Metric.Unit.PAGES));
        assertEquals("999", Quantities.of(999, Metric.Unit.COUNT));
        assertEquals("1,234,567", Quantities.of(1_234_567, Metric.Unit.COUNT));
        assertEquals("-1,000", Quantities.of(-1000, Metric.Unit.COUNT));
        assertEquals("1.23 ms", Quantities.time(1_234_567));
        assertEquals("7200 s", Quantities.time(7_200_000_000_000L));
    }
}
