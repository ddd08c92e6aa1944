package org.foliofleet.protocol.experiment;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Metrics at one moment, of one machine or of many.
 *
 * @param values what was measured, by key in their order; a metric without any key was not
 */
public record MetricValues(Map<MetricKey, Long> values) {
    public static final MetricValues NONE = new MetricValues(new TreeMap<>());

    public MetricValues {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    public static MetricValues of(Map<MetricKey, Long> values) {
        return new MetricValues(new TreeMap<>(values));
    }

    /** These and those of other machines, folded as each metric says. */
    public MetricValues and(MetricValues others) {
        TreeMap<MetricKey, Long> all = new TreeMap<>(values);
        others.values.forEach((key, value) -> all.merge(key, value, (a, b) -> fold(key.metric(), a, b)));
        return new MetricValues(all);
    }

    /** The value of a metric or a part of it: as measured, or folded from its parts; 0 for a part never seen. */
    public OptionalLong get(MetricKey key) {
        if (key.metric().isDistribution()) {
            return Distribution.get(this, key);
        }
        Long exact = values.get(key);
        if (exact != null) {
            return OptionalLong.of(exact);
        }
        OptionalLong folded = OptionalLong.empty();
        boolean measured = key.metric() == Metric.COUNTER;
        for (Map.Entry<MetricKey, Long> entry : values.entrySet()) {
            measured |= entry.getKey().metric() == key.metric();
            if (key.covers(entry.getKey())) {
                long value = entry.getValue();
                folded = OptionalLong.of(folded.isPresent() ? fold(key.metric(), folded.getAsLong(), value) : value);
            }
        }
        return folded.isEmpty() && measured && !key.labels().isEmpty() ? OptionalLong.of(0) : folded;
    }

    private static long fold(Metric metric, long a, long b) {
        return switch (metric.fold()) {
            case SUM -> a + b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }
}
