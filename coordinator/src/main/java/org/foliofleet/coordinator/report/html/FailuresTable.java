package org.foliofleet.coordinator.report.html;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;

/** Calls that failed, by cause. */
final class FailuresTable {
    private static final int MOST = 200;

    private record Row(String machines, FailureGroup group) {}

    private FailuresTable() {}

    static void write(Html html, ExperimentResult result) {
        html.open("section", "id", "failures").element("h2", "Failures by cause");
        Map<String, Long> causes = Sentences.causes(result);
        if (causes.isEmpty()) {
            html.element("p", "No call failed.").close();
            return;
        }
        List<Row> rows = new ArrayList<>();
        for (ClassResult machines : result.classes()) {
            machines.failures().forEach(group -> rows.add(new Row(machines.name(), group)));
        }
        rows.sort(Comparator.<Row>comparingLong(row -> -causes.get(row.group().error())).thenComparing(row -> row.group().error())
            .thenComparing(row -> -row.group().count()));
        long all = causes.values().stream().mapToLong(Long::longValue).sum();
        html.open("div", "class", "wide").open("table")
            .head(List.of("cause", "#times", "", "call", "machines", "first by", "#first at", "#VMAs then", "#line"));
        html.open("tbody");
        String before = null;
        for (Row row : rows.subList(0, Math.min(MOST, rows.size()))) {
            FailureGroup group = row.group();
            if (!group.error().equals(before)) {
                long times = causes.get(group.error());
                html.open("tr", "class", "sum").cell(group.error()).number(Quantities.grouped(times));
                bar(html, times, all);
                html.element("td", share(times, all) + " of all failures", "colspan", "6", "class", "faint").close();
                before = group.error();
            }
            html.open("tr").cell("").element("td", Quantities.grouped(group.count()), "class", "n", "data-failure",
                row.machines() + " " + group.call() + " " + group.error(), "data-value", Long.toString(group.count()));
            bar(html, group.count(), all);
            html.cell(group.call()).cell(row.machines()).cell(group.process() + " of machine " + group.machine())
                .number(Quantities.time(group.nanos())).number(group.vmas() == FailureGroup.NOT_COUNTED ? "–" : Quantities.grouped(group.vmas()))
                .number(group.line() == 0 ? "–" : Integer.toString(group.line())).close();
        }
        html.close().close().close();
        if (rows.size() > MOST) {
            html.element("p", (rows.size() - MOST) + " more kinds of failures are in the result's JSON.", "class", "faint");
        }
        if (result.isIncomplete()) {
            html.element("p", "Some of these calls are not modelled yet, so the result says nothing about a kernel.", "class", "warning");
        }
        html.close();
    }

    private static void bar(Html html, long part, long all) {
        html.open("td", "class", "bar").open("div", "style", "width:" + Math.max(1, 100 * part / Math.max(1, all)) + "%").close().close();
    }

    private static String share(long part, long all) {
        long thousandths = Math.round(1000.0 * part / all);
        return part < all && thousandths == 1000 ? "almost 100 %" : thousandths / 10 + (thousandths % 10 == 0 ? "" : "." + thousandths % 10) + " %";
    }
}
