package org.foliofleet.coordinator.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.experiment.Distribution;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.message.LatencyKind;

/** How long faults and stalls took: a table in which each row has its histogram, all with the same logarithmic axis. */
final class Latencies {
    private static final int WIDTH = 320;
    private static final int HEIGHT = 30;
    private static final int BINS = 64;
    private static final int LABEL = 58;

    /** Metrics under a name: those of a machine class, or of a variant. */
    record Of(String name, MetricValues values) {}

    private record Row(String name, LatencyKind kind, Distribution distribution) {}

    private Latencies() {}

    static void write(Html html, List<Of> all) {
        html.open("section", "id", "distributions").element("h2", "How long faults and stalls took");
        boolean any = false;
        for (Metric metric : List.of(Metric.FAULT_LATENCY, Metric.STALL_LATENCY)) {
            List<Row> rows = new ArrayList<>();
            for (LatencyKind kind : Distribution.kinds(metric)) {
                for (Of of : all) {
                    Distribution distribution = Distribution.of(of.values(), metric, kind.word());
                    if (distribution.count() > 0) {
                        rows.add(new Row(of.name(), kind, distribution));
                    }
                }
            }
            if (!rows.isEmpty()) {
                any = true;
                table(html, metric == Metric.FAULT_LATENCY ? "Faults" : "Stalls, which are part of faults and other calls", rows);
            }
        }
        html.element("p", any ? "Simulated time by the cost table, logarithmic: bars are how many took so long, in the row of the most; the solid line is"
            + " the median, the dashed one p99. Quantiles are the upper ends of buckets." : "Nothing was measured.", "class", "faint");
        html.close();
    }

    private static void table(Html html, String title, List<Row> rows) {
        long least = rows.stream().flatMap(row -> row.distribution().counts().keySet().stream()).mapToLong(each -> Math.max(1, each)).min().orElse(1);
        long most = rows.stream().flatMap(row -> row.distribution().counts().keySet().stream()).mapToLong(each -> Math.max(1, each)).max().orElse(1);
        int low = (int) Math.floor(Math.log10(least) - 0.05);
        int high = Math.max(low + 1, (int) Math.ceil(Math.log10(most) + 0.05));
        html.element("h3", title).open("div", "class", "wide").open("table", "class", "latencies");
        html.open("thead").open("tr");
        for (String column : List.of("", "kind", "times", "p50", "p90", "p99", "max")) {
            html.element("th", column, "scope", "col", "class", List.of("", "kind").contains(column) ? null : "n");
        }
        html.open("th", "scope", "col");
        axis(html, Math.max(0, low), high);
        html.close().close().close().open("tbody");
        String before = null;
        for (Row row : rows) {
            Distribution distribution = row.distribution();
            String kind = row.kind().word();
            html.open("tr").cell(row.name()).element("td", kind, "title", row.kind().about(), "class", kind.equals(before) ? "faint" : null)
                .element("td", Quantities.grouped(distribution.count()), "class", "n", "data-latency", row.name() + " " + kind,
                    "data-value", Long.toString(distribution.count()));
            for (String label : List.of("p50", "p90", "p99", "max")) {
                html.element("td", Quantities.time(distribution.quantile(label).orElse(0)), "class", "n", "data-latency",
                    row.name() + " " + kind + " " + label, "data-value", Long.toString(distribution.quantile(label).orElse(0)));
            }
            html.open("td");
            histogram(html, distribution, Math.max(0, low), high);
            html.close().close();
            before = kind;
        }
        html.close().close().close();
    }

    /** Decades, as many as can be read. */
    private static void axis(Html html, int low, int high) {
        html.open("svg", "class", "axis", "viewBox", "0 0 " + WIDTH + " 16", "width", Integer.toString(WIDTH), "height", "16", "aria-hidden", "true");
        int step = Math.max(1, (int) Math.ceil((double) LABEL * (high - low) / WIDTH));
        for (int decade = low; decade <= high; decade += step) {
            double x = x(Math.pow(10, decade), low, high);
            String anchor = decade == low ? "start" : x > WIDTH - LABEL / 2.0 ? "end" : "middle";
            html.element("text", Quantities.time((long) Math.pow(10, decade)), "x", rounded(x), "y", "12", "text-anchor", anchor);
        }
        html.close();
    }

    private static void histogram(Html html, Distribution distribution, int low, int high) {
        Map<Integer, Long> bins = new TreeMap<>();
        distribution.counts().forEach((highest, count) ->
            bins.merge(Math.min(BINS - 1, (int) (x(highest, low, high) / WIDTH * BINS)), count, Long::sum));
        long most = bins.values().stream().mapToLong(Long::longValue).max().orElse(1);
        html.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "width", Integer.toString(WIDTH), "height", Integer.toString(HEIGHT), "role", "img",
            "aria-label", "histogram");
        for (int decade = low; decade <= high; decade++) {
            String x = rounded(x(Math.pow(10, decade), low, high));
            html.empty("line", "class", "grid", "x1", x, "x2", x, "y1", "0", "y2", Integer.toString(HEIGHT));
        }
        double width = (double) WIDTH / BINS;
        bins.forEach((bin, count) -> {
            double height = Math.max(1.5, (HEIGHT - 2.0) * count / most);
            html.empty("rect", "x", rounded(bin * width + 0.3), "y", rounded(HEIGHT - height), "width", rounded(width - 0.6), "height", rounded(height));
        });
        line(html, "median", distribution.quantile("p50").orElse(0), low, high);
        line(html, "p99", distribution.quantile("p99").orElse(0), low, high);
        html.close();
    }

    private static void line(Html html, String kind, long nanos, int low, int high) {
        int bin = Math.min(BINS - 1, (int) (x(nanos, low, high) / WIDTH * BINS));
        String x = rounded((bin + 0.5) * WIDTH / BINS);
        html.empty("line", "class", kind, "x1", x, "x2", x, "y1", "0", "y2", Integer.toString(HEIGHT));
    }

    private static double x(double nanos, int low, int high) {
        return Math.max(0, Math.min(WIDTH, (Math.log10(Math.max(1, nanos)) - low) / (high - low) * WIDTH));
    }

    private static String rounded(double value) {
        return Double.toString(Math.round(value * 10) / 10.0);
    }
}
