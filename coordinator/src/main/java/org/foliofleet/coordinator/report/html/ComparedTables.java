package org.foliofleet.coordinator.report.html;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.coordinator.report.DifferenceText;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Compared.Line;
import org.foliofleet.protocol.compare.Compared.Table;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.PairedDifference;
import org.foliofleet.protocol.compare.Variant;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** Metrics of all variants with their differences from the first, and what of them is more than noise. */
final class ComparedTables {
    private ComparedTables() {}

    static void write(Html html, Compared compared, List<MetricKey> only) {
        int seeds = compared.matrix().seeds().size();
        html.open("section", "id", "differences").element("h2", "What differs");
        for (Table table : compared.tables(only, false)) {
            html.element("h3", table.machines());
            List<Line> metrics = table.lines().stream().filter(line -> !only.isEmpty() || line.key().metric() != Metric.COUNTER
                || compared.matrix().spec().summary().contains(line.key())).toList();
            List<Line> counters = table.lines().stream().filter(line -> !metrics.contains(line)).toList();
            if (table.lines().stream().noneMatch(Line::differs)) {
                html.element("p", "No metric differs.");
            }
            lines(html, compared.matrix(), metrics, table.machines());
            if (!counters.isEmpty()) {
                html.open("details").element("summary", Sentences.counted(counters.size(), "kernel counter") + " that differ");
                lines(html, compared.matrix(), counters, table.machines());
                html.close();
            }
        }
        html.element("p", ComparisonReport.rule(seeds), "class", "faint");
        html.close();
    }

    private static void lines(Html html, Matrix matrix, List<Line> lines, String machines) {
        if (lines.isEmpty()) {
            return;
        }
        boolean seeds = matrix.seeds().size() > 1;
        List<Variant> variants = matrix.variants();
        if (variants.size() == 2) {
            pair(html, matrix, lines, machines, 1, seeds);
            return;
        }
        html.open("div", "class", "wide").open("table");
        List<String> head = new ArrayList<>(List.of("metric"));
        variants.forEach(variant -> head.add("#" + variant.letter()));
        html.head(head).open("tbody");
        for (Line line : lines) {
            html.open("tr").open("td").element("code", line.key().toString()).close();
            for (Variant variant : variants) {
                boolean beyond = variant.number() > 0 && beyond(line, variant.number());
                value(html, machines, line, variant, beyond && seeds ? " ★" : "");
            }
            html.close();
        }
        html.close().close().close();
        for (int other = 1; other < variants.size(); other++) {
            int number = other;
            List<Line> differ = lines.stream().filter(line -> line.differs(number)).toList();
            if (!differ.isEmpty()) {
                html.open("details").element("summary", variants.get(other).letter() + " against A: " + matrix.name(variants.get(other)));
                pair(html, matrix, differ, machines, other, seeds);
                html.close();
            }
        }
    }

    private static boolean beyond(Line line, int variant) {
        PairedDifference difference = line.difference(variant);
        return difference != null && difference.isBeyondNoise();
    }

    private static void value(Html html, String machines, Line line, Variant variant, String mark) {
        html.element("td", DifferenceText.mean(line.values().get(variant.number()), line.key().metric().unit()) + mark, "class", "n",
            "data-machines", machines + "/" + variant.letter(), "data-metric", line.key().toString(), "data-value",
            line.values().get(variant.number()).toString());
    }

    private static void pair(Html html, Matrix matrix, List<Line> lines, String machines, int other, boolean seeds) {
        html.open("div", "class", "wide").open("table");
        List<String> head = new ArrayList<>(List.of("metric", "#A: " + matrix.name(matrix.variants().get(0)),
            "#" + matrix.variants().get(other).letter() + ": " + matrix.name(matrix.variants().get(other)), "#difference", "#%"));
        if (seeds) {
            head.addAll(List.of("noise?", "#least", "#greatest", "#deviation"));
        }
        html.head(head).open("tbody");
        for (Line line : lines) {
            Metric.Unit unit = line.key().metric().unit();
            html.open("tr").open("td").element("code", line.key().toString()).close();
            value(html, machines, line, matrix.variants().get(0), "");
            value(html, machines, line, matrix.variants().get(other), "");
            PairedDifference difference = line.difference(other);
            if (difference == null || difference.isNone()) {
                html.element("td", difference == null ? "–" : "=", "class", "n faint").element("td", "", "colspan", seeds ? "5" : "1").close();
                continue;
            }
            html.number(DifferenceText.signed(difference.mean(), unit)).number(DifferenceText.percent(difference.ratio()));
            if (seeds) {
                html.element("td", difference.isBeyondNoise() ? "★ beyond" : "within", "class", difference.isBeyondNoise() ? null : "faint")
                    .number(DifferenceText.signed(difference.least(), unit)).number(DifferenceText.signed(difference.greatest(), unit))
                    .number(DifferenceText.quantity(difference.deviation(), unit));
            }
            html.close();
        }
        html.close().close().close();
    }
}
