package org.foliofleet.protocol.experiment;

import java.util.Comparator;
import java.util.List;

/**
 * A metric, or a part of one: {@code split_fail{pinned}}.
 *
 * @param labels empty for the whole
 */
public record MetricKey(Metric metric, List<String> labels) implements Comparable<MetricKey> {
    private static final Comparator<MetricKey> ORDER = Comparator.comparing(MetricKey::metric)
        .thenComparing(key -> String.join(",", key.labels));

    public MetricKey {
        labels = List.copyOf(labels);
    }

    public static MetricKey of(Metric metric, String... labels) {
        return new MetricKey(metric, List.of(labels));
    }

    /** Whether {@code other} is this or a part of this: has the same first labels. */
    public boolean covers(MetricKey other) {
        return metric == other.metric && other.labels.size() >= labels.size()
            && other.labels.subList(0, labels.size()).equals(labels);
    }

    @Override
    public int compareTo(MetricKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return labels.isEmpty() ? metric.key() : metric.key() + "{" + String.join(",", labels) + "}";
    }
}
