package org.foliofleet.protocol.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.protocol.experiment.Distribution;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;

/**
 * The results of all runs of a matrix.
 *
 * @param results  of each variant, of each seed
 * @param partings of each variant but the first, for each machine class in which a result differs
 */
public record Compared(Matrix matrix, List<List<ExperimentResult>> results, List<Parting> partings) {
    public Compared {
        results = results.stream().map(List::copyOf).toList();
        partings = List.copyOf(partings);
    }

    /**
     * A metric over the matrix.
     *
     * @param values of each variant, of each seed; null where it was not measured
     */
    public record Line(MetricKey key, List<List<Long>> values) {
        /** How a variant differs from the first; null if it was not measured in both. */
        public PairedDifference difference(int variant) {
            return PairedDifference.of(values.get(0), values.get(variant));
        }

        /** Whether any variant differs from the first with any seed. */
        public boolean differs() {
            return values.stream().anyMatch(each -> !each.equals(values.get(0)));
        }

        /** Whether that variant differs from the first with any seed. */
        public boolean differs(int variant) {
            return !values.get(variant).equals(values.get(0));
        }
    }

    /**
     * Metrics of the machines of one class at one moment.
     *
     * @param mark or empty: at the end
     */
    public record Table(String machines, String mark, List<Line> lines) {}

    /**
     * What to tell: the metrics of the experiment's summary and all that differ, or only those that are named.
     *
     * @param only  or empty
     * @param marks whether at marks too
     */
    public List<Table> tables(List<MetricKey> only, boolean marks) {
        List<Table> tables = new ArrayList<>();
        for (int i = 0; i < matrix.spec().machines().size(); i++) {
            int number = i;
            String name = matrix.spec().machines().get(i).name();
            Set<String> moments = new LinkedHashSet<>();
            if (marks) {
                results.forEach(seeds -> seeds.forEach(run -> run.classes().get(number).marks().forEach(mark -> moments.add(mark.label()))));
            }
            moments.add("");
            for (String moment : moments) {
                List<List<MetricValues>> values = results.stream()
                    .map(seeds -> seeds.stream().map(run -> at(run.classes().get(number), moment)).toList()).toList();
                tables.add(new Table(name, moment, lines(values, only)));
            }
        }
        return tables;
    }

    private static MetricValues at(ClassResult machines, String mark) {
        if (mark.isEmpty()) {
            return machines.metrics();
        }
        return machines.marks().stream().filter(each -> each.label().equals(mark)).findFirst().map(MarkResult::metrics)
            .orElse(MetricValues.NONE);
    }

    private List<Line> lines(List<List<MetricValues>> values, List<MetricKey> only) {
        if (!only.isEmpty()) {
            return only.stream().map(key -> line(key, values)).filter(Objects::nonNull).toList();
        }
        List<Line> lines = new ArrayList<>();
        Set<MetricKey> asked = new LinkedHashSet<>(matrix.spec().summary());
        asked.forEach(key -> lines.add(line(key, values)));
        for (MetricKey key : measured(values)) {
            Line line = asked.contains(key) ? null : line(key, values);
            if (line != null && line.differs()) {
                lines.add(line);
            }
        }
        lines.removeIf(Objects::isNull);
        return lines;
    }

    /** Whole metrics and their parts as they were measured, in order; the part of a metric that has only one is left out. */
    private static Set<MetricKey> measured(List<List<MetricValues>> values) {
        Set<MetricKey> keys = new TreeSet<>();
        values.forEach(seeds -> seeds.forEach(each -> keys.addAll(each.values().keySet())));
        for (MetricKey key : List.copyOf(keys)) {
            if (key.metric().isDistribution()) {
                keys.remove(key);
                Distribution.quantiles().forEach(label -> keys.add(MetricKey.of(key.metric(), key.labels().get(0), label)));
            }
        }
        for (MetricKey key : List.copyOf(keys)) {
            if (key.metric().isDistribution()) {
                continue;
            }
            if (key.metric() != Metric.COUNTER && !key.labels().isEmpty()) {
                if (keys.stream().filter(other -> other.metric() == key.metric() && !other.labels().isEmpty()).limit(2).count() == 1) {
                    keys.remove(key);
                }
                keys.add(MetricKey.of(key.metric()));
            }
        }
        return keys;
    }

    /** Null if nobody measured it. */
    private static Line line(MetricKey key, List<List<MetricValues>> values) {
        List<List<Long>> all = new ArrayList<>();
        for (List<MetricValues> seeds : values) {
            List<Long> row = new ArrayList<>();
            for (MetricValues each : seeds) {
                OptionalLong value = each.get(key);
                row.add(value.isPresent() ? (Long) value.getAsLong() : null);
            }
            all.add(Collections.unmodifiableList(row));
        }
        return all.stream().flatMap(Collection::stream).allMatch(Objects::isNull) ? null : new Line(key, all);
    }
}
