package org.foliofleet.coordinator.report.html;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.foliofleet.coordinator.report.Chapter;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** Tables of metrics: at the end, and at marks. */
final class Metrics {
    private Metrics() {}

    /** The number as people read it, and as it was measured in an attribute. */
    static void cell(Html html, String machines, MetricKey key, OptionalLong value) {
        html.element("td", value.isPresent() ? Quantities.of(value.getAsLong(), key.metric().unit()) : "–", "class", "n",
            "data-machines", machines, "data-metric", key.toString(), "data-value", value.isPresent() ? Long.toString(value.getAsLong()) : null);
    }

    static void write(Html html, ExperimentResult result) {
        html.open("section", "id", "metrics").element("h2", "Metrics in the end");
        html.open("div", "class", "wide").open("table");
        List<String> head = new ArrayList<>(List.of("metric"));
        result.classes().forEach(each -> head.add("#" + each.name()));
        head.add("what it is");
        html.head(head);
        group(html, result, "Asked for", result.spec().summary(), true);
        for (Chapter chapter : Chapter.values()) {
            group(html, result, chapter.title(), chapter.metrics().stream().map(metric -> MetricKey.of(metric))
                .filter(key -> !result.spec().summary().contains(key)).toList(), false);
        }
        html.close().close();
        html.element("p", "Metrics that were not measured, or are 0 everywhere, are left out unless they were asked for.", "class", "faint");
        html.close();
    }

    private static void group(Html html, ExperimentResult result, String title, List<MetricKey> keys, boolean askedFor) {
        List<MetricKey> shown = keys.stream().filter(key -> askedFor || result.classes().stream()
            .anyMatch(each -> each.metrics().get(key).orElse(0) != 0)).toList();
        if (shown.isEmpty()) {
            return;
        }
        html.open("tbody").open("tr").element("th", title, "scope", "rowgroup", "colspan", Integer.toString(result.classes().size() + 2)).close();
        for (MetricKey key : shown) {
            html.open("tr").open("td").element("code", key.toString()).close();
            result.classes().forEach(each -> cell(html, each.name(), key, each.metrics().get(key)));
            html.element("td", key.metric() == Metric.COUNTER ? "a kernel counter" : key.metric().about(), "class", "faint").close();
        }
        html.close();
    }

    static void marks(Html html, ExperimentResult result) {
        if (result.classes().stream().allMatch(each -> each.marks().isEmpty())) {
            return;
        }
        html.open("section", "id", "marks").element("h2", "Marks");
        for (ClassResult machines : result.classes()) {
            if (!machines.marks().isEmpty()) {
                marks(html, result, machines);
            }
        }
        html.close();
    }

    private static void marks(Html html, ExperimentResult result, ClassResult machines) {
        Set<MetricKey> keys = new LinkedHashSet<>(result.spec().summary());
        List.of(Metric.RESIDENT, Metric.FOLIOS_LIVE, Metric.SPLIT_OK, Metric.SPLIT_FAIL, Metric.DEFERRED_LENGTH)
            .forEach(metric -> keys.add(MetricKey.of(metric)));
        List<MetricKey> columns = keys.stream().filter(key -> machines.marks().stream().anyMatch(mark -> mark.metrics().get(key).isPresent())).toList();
        html.element("h3", machines.name()).open("div", "class", "wide").open("table");
        List<String> head = new ArrayList<>(List.of("#", "mark", "#machines", "#at"));
        columns.forEach(key -> head.add("#" + key));
        html.head(head).open("tbody");
        int number = 0;
        for (MarkResult mark : machines.marks()) {
            html.open("tr").number(Integer.toString(++number)).cell(mark.label()).number(Quantities.grouped(mark.machines()))
                .number(Quantities.time(mark.nanos()));
            columns.forEach(key -> cell(html, machines.name() + "@" + mark.label(), key, mark.metrics().get(key)));
            html.close();
        }
        html.close().close().close();
    }
}
