package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.foliofleet.protocol.message.LatencyKind;

/**
 * What a metric that is a distribution says of one kind, or of all: how many values are in each bucket. Several machines have
 * one distribution together.
 *
 * @param counts by the highest value of the bucket, ascending
 */
public record Distribution(Map<Long, Long> counts) {
    /** Quantiles in parts of a thousand, by the labels of metrics. */
    private static final Map<String, Integer> QUANTILES = new TreeMap<>(Map.of("p50", 500, "p90", 900, "p99", 990, "p999", 999, "max", 1000));

    /** The labels that a key may end with. */
    public static List<String> quantiles() {
        return List.of("p50", "p90", "p99", "p999", "max");
    }

    /** What the values say of a kind, or of all kinds if it is empty. */
    public static Distribution of(MetricValues values, Metric metric, String kind) {
        Map<Long, Long> counts = new TreeMap<>();
        values.values().forEach((key, count) -> {
            if (key.metric() == metric && (kind.isEmpty() || key.labels().get(0).equals(kind))) {
                counts.merge(Long.parseLong(key.labels().get(1)), count, Long::sum);
            }
        });
        return new Distribution(counts);
    }

    /** The key under which a bucket is kept. */
    public static MetricKey bucket(Metric metric, String kind, long highest) {
        return MetricKey.of(metric, kind, Long.toString(highest));
    }

    /** Kinds of that metric, whether anything was measured or not. */
    public static List<LatencyKind> kinds(Metric metric) {
        List<LatencyKind> kinds = new ArrayList<>();
        for (LatencyKind kind : LatencyKind.values()) {
            if (kind.isStall() == (metric == Metric.STALL_LATENCY || metric == Metric.STALL_TIME)) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    /** What is wrong with the labels of such a metric, or empty text. */
    static String wrong(MetricKey key) {
        List<String> kinds = kinds(key.metric()).stream().map(LatencyKind::word).toList();
        List<String> labels = key.labels();
        if (labels.isEmpty() || labels.size() > 2 || !QUANTILES.containsKey(labels.get(labels.size() - 1))
            || labels.size() == 2 && !kinds.contains(labels.get(0))) {
            return "write " + key.metric().key() + "{KIND,QUANTILE} or " + key.metric().key() + "{QUANTILE}; kinds are " + String.join(", ", kinds)
                + ", quantiles " + String.join(", ", quantiles());
        }
        return "";
    }

    /** The value that a key asks for: a quantile, or how many are in a bucket; empty if there are no values. */
    static OptionalLong get(MetricValues values, MetricKey key) {
        List<String> labels = key.labels();
        Integer quantile = labels.isEmpty() ? null : QUANTILES.get(labels.get(labels.size() - 1));
        if (quantile == null) {
            Long count = values.values().get(key);
            return count == null ? OptionalLong.empty() : OptionalLong.of(count);
        }
        return of(values, key.metric(), labels.size() == 2 ? labels.get(0) : "").quantile(quantile);
    }

    /** How many values there are. */
    public long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The value of a label such as {@code p99}: the highest of the bucket in which so many of all are reached. */
    public OptionalLong quantile(String label) {
        return quantile(QUANTILES.get(label));
    }

    private OptionalLong quantile(int ofThousand) {
        long all = count();
        long wanted = Math.max(1, (all * ofThousand + 999) / 1000);
        long reached = 0;
        for (Map.Entry<Long, Long> bucket : counts.entrySet()) {
            reached += bucket.getValue();
            if (reached >= wanted) {
                return OptionalLong.of(bucket.getKey());
            }
        }
        return OptionalLong.empty();
    }
}
