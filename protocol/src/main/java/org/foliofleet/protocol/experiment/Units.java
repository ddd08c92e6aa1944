package org.foliofleet.protocol.experiment;

import org.foliofleet.protocol.NearestName;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a number in an experiment file counts, and the units it may be written in. */
enum Units {
    /** Pages of 4 KiB, written as a size. */
    PAGES("a size such as 64KiB, 2MiB or 1GiB", 1L << 35),
    /** Nanoseconds. */
    NANOS("a time such as 500us, 10ms or 2s", 1_000_000_000_000_000_000L),
    /** A plain number. */
    COUNT("a number", 1_000_000_000_000L);

    private static final BigDecimal PAGE_BYTES = BigDecimal.valueOf(4096);
    private static final Map<String, Long> BYTES = new TreeMap<>(Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20,
        "GiB", 1L << 30, "TiB", 1L << 40, "pages", 4096L));
    private static final Map<String, Long> TIMES = new TreeMap<>(Map.of("ns", 1L, "us", 1000L, "ms", 1_000_000L,
        "s", 1_000_000_000L, "min", 60_000_000_000L, "h", 3_600_000_000_000L));

    /** How else people write units. */
    private static final Map<String, String> MEANT = Map.ofEntries(Map.entry("K", "KiB"), Map.entry("k", "KiB"),
        Map.entry("KB", "KiB"), Map.entry("kB", "KiB"), Map.entry("M", "MiB"), Map.entry("MB", "MiB"), Map.entry("G", "GiB"),
        Map.entry("GB", "GiB"), Map.entry("T", "TiB"), Map.entry("TB", "TiB"), Map.entry("sec", "s"), Map.entry("m", "min"));

    private final String example;
    private final long limit;

    Units(String example, long limit) {
        this.example = example;
        this.limit = limit;
    }

    /** The units that it may be written in. */
    Collection<String> suffixes() {
        return this == PAGES ? BYTES.keySet() : this == NANOS ? TIMES.keySet() : List.of();
    }

    /** For messages: how such a number is written. */
    String example() {
        return example;
    }

    /** The greatest number of this kind. */
    long limit() {
        return limit;
    }

    /** The limit as it would be written. */
    String limitText() {
        return switch (this) {
            case PAGES -> "128TiB";
            case NANOS -> "1000000000s";
            case COUNT -> "1000000000000";
        };
    }

    /**
     * The value of a number with a unit.
     *
     * @throws NumberException with what is wrong and the remedy
     */
    long value(String digits, String unit) {
        BigDecimal number = new BigDecimal(digits);
        BigDecimal value = switch (this) {
            case PAGES -> {
                BigDecimal bytes = number.multiply(BigDecimal.valueOf(factor(digits, unit, BYTES)));
                if (bytes.remainder(PAGE_BYTES).signum() != 0) {
                    throw new NumberException("'" + digits + unit + "' is not a whole number of pages",
                        "write a multiple of 4KiB");
                }
                yield bytes.divide(PAGE_BYTES);
            }
            case NANOS -> number.multiply(BigDecimal.valueOf(factor(digits, unit, TIMES)));
            case COUNT -> {
                if (!unit.isEmpty()) {
                    throw new NumberException("'" + digits + unit + "' has a unit", "write a plain number");
                }
                yield number;
            }
        };
        if (value.stripTrailingZeros().scale() > 0) {
            throw new NumberException("'" + digits + unit + "' is not a whole number"
                + (this == NANOS ? " of nanoseconds" : ""), "write " + example);
        }
        if (value.compareTo(BigDecimal.valueOf(limit)) > 0) {
            throw new NumberException("'" + digits + unit + "' is too large", "write at most " + limitText());
        }
        return value.longValueExact();
    }

    private long factor(String digits, String unit, Map<String, Long> factors) {
        Long factor = factors.get(unit);
        if (factor != null) {
            return factor;
        }
        if (unit.isEmpty() && new BigDecimal(digits).signum() == 0) {
            return 1;
        }
        if (unit.isEmpty()) {
            throw new NumberException("'" + digits + "' has no unit", "write " + example);
        }
        String meant = MEANT.getOrDefault(unit, NearestName.of(unit, factors.keySet()).orElse(""));
        throw new NumberException("'" + unit + "' is no unit here",
            factors.containsKey(meant) ? "did you mean " + digits + meant + "?" : "write " + example);
    }

    /** A number that can not be used: what is wrong, and the remedy. */
    static final class NumberException extends RuntimeException {
        private final String remedy;

        NumberException(String what, String remedy) {
            super(what);
            this.remedy = remedy;
        }

        String remedy() {
            return remedy;
        }
    }
}
