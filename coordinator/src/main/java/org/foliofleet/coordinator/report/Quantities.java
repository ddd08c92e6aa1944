package org.foliofleet.coordinator.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.foliofleet.protocol.experiment.Metric;

/** Numbers as people read them. */
public final class Quantities {
    private static final String[] SIZES = {"KiB", "MiB", "GiB", "TiB"};
    private static final String[] TIMES = {"ns", "us", "ms", "s"};

    private Quantities() {}

    public static String of(long value, Metric.Unit unit) {
        return switch (unit) {
            case COUNT -> grouped(value);
            case PAGES -> size(value * 4);
            case BYTES -> Math.abs(value) < 1024 ? value + " B" : size(value / 1024);
            case DECIMAL -> trimmed(BigDecimal.valueOf(value, 2));
            case PERCENT -> trimmed(BigDecimal.valueOf(value, 2)) + " %";
            case NANOS -> time(value);
        };
    }

    public static String size(long kib) {
        return scaled(kib, 1024, SIZES);
    }

    public static String time(long nanos) {
        return scaled(nanos, 1000, TIMES);
    }

    private static String scaled(long value, int base, String[] units) {
        BigDecimal scaled = BigDecimal.valueOf(value);
        int unit = 0;
        while (scaled.abs().compareTo(BigDecimal.valueOf(base)) >= 0 && unit + 1 < units.length) {
            scaled = scaled.divide(BigDecimal.valueOf(base));
            unit++;
        }
        return trimmed(scaled.setScale(Math.min(2, scaled.scale()), RoundingMode.HALF_UP)) + " " + units[unit];
    }

    private static String trimmed(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    /** With a comma between thousands. */
    public static String grouped(long value) {
        return Long.toString(value).replaceAll("(?<=\\d)(?=(\\d{3})+$)", ",");
    }
}
