package org.foliofleet.coordinator.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Objects;
import org.foliofleet.protocol.experiment.Metric;

/** Means and differences as people read them. */
public final class DifferenceText {
    private DifferenceText() {}

    /** The mean of those seeds that measured it. */
    public static String mean(List<Long> values, Metric.Unit unit) {
        List<Long> measured = values.stream().filter(Objects::nonNull).toList();
        return measured.isEmpty() ? "-"
            : quantity(measured.stream().mapToLong(Long::longValue).average().orElseThrow(), unit);
    }

    /** A difference with its sign. */
    public static String signed(double value, Metric.Unit unit) {
        String text = quantity(value, unit);
        return value > 0 && !text.equals("0") ? "+" + text : text;
    }

    /** A part in percent, with its sign. */
    public static String percent(double ratio) {
        if (Double.isNaN(ratio)) {
            return "new";
        }
        BigDecimal percent = BigDecimal.valueOf(ratio * 100).setScale(Math.abs(ratio) < 0.1 ? 2 : 1, RoundingMode.HALF_UP);
        if (percent.signum() != 0 && percent.abs().compareTo(BigDecimal.valueOf(100_000)) > 0) {
            return (percent.signum() > 0 ? "+" : "-") + ">99999";
        }
        return (percent.signum() > 0 ? "+" : "") + percent.toPlainString();
    }

    /** A mean or difference in the unit of the metric. */
    public static String quantity(double value, Metric.Unit unit) {
        long rounded = Math.round(value);
        if (unit == Metric.Unit.COUNT && Math.abs(value) < 1000 && Math.abs(value - rounded) >= 0.05) {
            long tenths = Math.round(value * 10);
            return (tenths < 0 ? "-" : "") + Math.abs(tenths) / 10 + "." + Math.abs(tenths) % 10;
        }
        return Quantities.of(rounded, unit);
    }
}
