package org.foliofleet.coordinator.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** What was reached of the limits that a kernel has. */
final class Limits {
    /** Hundredths of a percent. */
    private static final long LITTLE_HEADROOM = 1000;

    /** A limit: a count of how often it was met, and a measure of how near it came. */
    private enum Limit {
        REFERENCES("reference counts", Metric.OVERFLOW_EVENTS, Metric.REFCOUNT_HEADROOM, "headroom left"),
        MAP_COUNT("max_map_count", Metric.MAP_COUNT_FAIL, Metric.VMA_PEAK, "most VMAs of a process"),
        MEMORY("memory: processes killed", Metric.OOM_KILLS, Metric.FREE, "free in the end, in the machine with least"),
        HUGE("huge folios: fallen back to smaller ones", Metric.FALLBACKS, Metric.HUGE_COVERAGE, "mapped by PMDs in the end"),
        QUEUES("deferred split queues: put there", Metric.DEFERRED_QUEUED, Metric.DEFERRED_PEAK, "longest in a machine"),
        SAFETY("safety: violations", Metric.SAFETY_VIOLATIONS, Metric.DIRTY_LOST, "dirty memory lost");

        private final String title;
        private final Metric met;
        private final Metric near;
        private final String words;

        Limit(String title, Metric met, Metric near, String words) {
            this.title = title;
            this.met = met;
            this.near = near;
            this.words = words;
        }
    }

    private Limits() {}

    /** Those that were reached, in a few words each. */
    static List<String> reached(ExperimentResult result) {
        List<String> reached = new ArrayList<>();
        for (Limit limit : List.of(Limit.REFERENCES, Limit.MAP_COUNT, Limit.MEMORY, Limit.SAFETY)) {
            long times = Sentences.sum(result, limit.met);
            if (times > 0) {
                String name = limit.title.contains(":") ? limit.title.substring(0, limit.title.indexOf(':')) : limit.title;
                reached.add(name + " (" + Sentences.counted(times, "time") + ")");
            }
        }
        return reached;
    }

    static void write(Html html, ExperimentResult result) {
        html.open("section", "id", "limits").element("h2", "Limits");
        html.open("div", "class", "wide").open("table");
        html.head(List.of("limit", "machines", "#times met", "how near", "#"));
        html.open("tbody");
        for (Limit limit : Limit.values()) {
            for (ClassResult machines : result.classes()) {
                OptionalLong met = machines.metrics().get(MetricKey.of(limit.met));
                OptionalLong near = machines.metrics().get(MetricKey.of(limit.near));
                if (met.isPresent() || near.isPresent()) {
                    html.open("tr", "class", isReached(limit, met, near) ? "bad" : null).cell(limit.title).cell(machines.name());
                    Metrics.cell(html, machines.name(), MetricKey.of(limit.met), met);
                    html.cell(limit.words);
                    Metrics.cell(html, machines.name(), MetricKey.of(limit.near), near);
                    html.close();
                }
            }
        }
        html.close().close().close();
        html.element("p", "A row is marked where a limit was met, or less than " + Quantities.of(LITTLE_HEADROOM, Metric.Unit.PERCENT)
            + " were left of what the bits of a reference count hold.", "class", "faint");
        html.close();
    }

    private static boolean isReached(Limit limit, OptionalLong met, OptionalLong near) {
        return limit != Limit.HUGE && limit != Limit.QUEUES && met.orElse(0) > 0
            || limit == Limit.REFERENCES && near.isPresent() && near.getAsLong() < LITTLE_HEADROOM
            || limit == Limit.SAFETY && near.orElse(0) > 0;
    }
}
