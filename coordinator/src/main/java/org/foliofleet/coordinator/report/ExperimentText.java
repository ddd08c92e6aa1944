package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** The summary of an experiment for a person: what was run, what happened to the memory, what failed, what holds. */
public final class ExperimentText {
    private static final int MARK_COLUMNS = 6;
    private static final int MOST_FAILURES = 12;

    private final ExperimentResult result;
    private final StringBuilder text = new StringBuilder();

    private ExperimentText(ExperimentResult result) {
        this.result = result;
    }

    public static String of(ExperimentResult result) {
        ExperimentText summary = new ExperimentText(result);
        summary.write();
        return summary.text.toString();
    }

    private void write() {
        head();
        for (ClassResult machines : result.classes()) {
            marks(machines);
        }
        for (Chapter chapter : Chapter.values()) {
            chapter(chapter.title(), chapter.metrics().stream().map(metric -> MetricKey.of(metric)).toList(), false);
        }
        chapter("Asked for", result.spec().summary(), true);
        times();
        text.append(LatencyText.of(result.classes()));
        failures();
        assertions();
        text.append("\ndigest ").append(result.digest()).append('\n');
    }

    private void head() {
        ExperimentSpec spec = result.spec();
        text.append(spec.name());
        if (!spec.about().isEmpty()) {
            text.append(": ").append(spec.about().strip());
        }
        text.append("\nseed ").append(spec.seed()).append(", tick ").append(Quantities.time(spec.tickNanos())).append("\n\n");
        for (int i = 0; i < spec.machines().size(); i++) {
            MachineClass machines = spec.machines().get(i);
            ClassResult ran = result.classes().get(i);
            text.append("  ").append(machines.name()).append(": ").append(machines.count())
                .append(machines.count() == 1 ? " machine, " : " machines, ").append(machines.nodes().size())
                .append(machines.nodes().size() == 1 ? " node" : " nodes").append(", policies ").append(machines.policies())
                .append("; ended after ").append(Quantities.time(ran.nanos())).append(": ").append(ran.end()).append('\n');
        }
    }

    /** How the metrics that were asked for stood at each mark. */
    private void marks(ClassResult machines) {
        if (machines.marks().isEmpty()) {
            return;
        }
        Set<MetricKey> keys = new LinkedHashSet<>(result.spec().summary());
        if (keys.isEmpty()) {
            List.of(Metric.FOLIOS_LIVE, Metric.RESIDENT, Metric.SPLIT_OK, Metric.SPLIT_FAIL, Metric.DEFERRED_LENGTH)
                .forEach(metric -> keys.add(MetricKey.of(metric)));
        }
        List<MetricKey> columns = keys.stream()
            .filter(key -> machines.marks().stream().anyMatch(mark -> mark.metrics().get(key).isPresent()))
            .limit(MARK_COLUMNS).toList();
        text.append("\nMarks of ").append(machines.name()).append('\n');
        TextTable table = new TextTable(1);
        List<String> head = new ArrayList<>(List.of("mark", "time"));
        columns.forEach(key -> head.add(key.toString()));
        table.row(head);
        for (MarkResult mark : machines.marks()) {
            List<String> row = new ArrayList<>(List.of(mark.label(), Quantities.time(mark.nanos())));
            columns.forEach(key -> row.add(shown(key, mark.metrics().get(key))));
            table.row(row);
        }
        text.append(table);
    }

    /** A table of metrics by machine classes; rows that were not measured, or are 0 everywhere, only if asked for. */
    private void chapter(String title, List<MetricKey> keys, boolean askedFor) {
        TextTable table = new TextTable(1);
        List<String> head = new ArrayList<>(List.of(""));
        result.classes().forEach(machines -> head.add(machines.name()));
        table.row(head);
        boolean any = false;
        for (MetricKey key : keys) {
            List<String> row = new ArrayList<>(List.of(key.toString()));
            boolean worth = askedFor;
            for (ClassResult machines : result.classes()) {
                OptionalLong value = machines.metrics().get(key);
                worth |= value.isPresent() && value.getAsLong() != 0;
                row.add(shown(key, value));
            }
            if (worth) {
                table.row(row);
                any = true;
            }
        }
        if (any) {
            text.append('\n').append(title).append('\n').append(table);
        }
    }

    private static String shown(MetricKey key, OptionalLong value) {
        return value.isPresent() ? Quantities.of(value.getAsLong(), key.metric().unit()) : "-";
    }

    /** Simulated time of calls; the longest of them in parentheses. */
    private void times() {
        Set<String> calls = new TreeSet<>();
        result.classes().forEach(machines -> machines.times().forEach(time -> calls.add(time.call())));
        if (calls.isEmpty()) {
            return;
        }
        text.append("\nSimulated time of calls, all and (longest)\n");
        TextTable table = new TextTable(1);
        List<String> head = new ArrayList<>(List.of(""));
        result.classes().forEach(machines -> head.add(machines.name()));
        table.row(head);
        for (String call : calls) {
            List<String> row = new ArrayList<>(List.of(call));
            for (ClassResult machines : result.classes()) {
                row.add(machines.times().stream().filter(time -> time.call().equals(call)).findFirst()
                    .map(time -> Quantities.time(time.nanos()) + " (" + Quantities.time(time.maxNanos()) + ")").orElse("-"));
            }
            table.row(row);
        }
        text.append(table);
    }

    /** One line for each class: what failed first. */
    private void firstFailures() {
        text.append("\nWhat failed first\n");
        TextTable table = new TextTable(2);
        for (ClassResult machines : result.classes()) {
            FailureGroup first = null;
            for (FailureGroup group : machines.failures()) {
                first = first == null || group.nanos() < first.nanos() ? group : first;
            }
            table.row(machines.name(), first == null ? "nothing" : first.call() + " of " + first.process() + ", with " + first.error()
                + (first.vmas() == FailureGroup.NOT_COUNTED ? "" : ", when there were " + Quantities.grouped(first.vmas()) + " VMAs")
                + ", at " + Quantities.time(first.nanos()));
        }
        text.append(table);
    }

    private void failures() {
        boolean any = result.classes().stream().anyMatch(machines -> !machines.failures().isEmpty());
        if (!any) {
            return;
        }
        firstFailures();
        text.append("\nCalls that failed\n");
        TextTable table = new TextTable(4);
        table.row("machines", "call", "error", "first by", "first at", "VMAs then", "times", "line");
        for (ClassResult machines : result.classes()) {
            List<FailureGroup> groups = machines.failures();
            for (FailureGroup group : groups.subList(0, Math.min(MOST_FAILURES, groups.size()))) {
                table.row(machines.name(), group.call(), group.error(), group.process(), Quantities.time(group.nanos()),
                    group.vmas() == FailureGroup.NOT_COUNTED ? "-" : Quantities.grouped(group.vmas()),
                    Quantities.grouped(group.count()), group.line() == 0 ? "-" : Integer.toString(group.line()));
            }
            if (groups.size() > MOST_FAILURES) {
                table.row(machines.name(), (groups.size() - MOST_FAILURES) + " more kinds", "", "", "", "", "", "");
            }
        }
        text.append(table);
        if (result.isIncomplete()) {
            text.append("\nSome of these calls are not modelled yet, so the result says nothing about a kernel.\n");
        }
    }

    private void assertions() {
        for (Unmet unmet : result.unmet()) {
            text.append("\nEXPECTED ").append(unmet.expected()).append(", was ").append(unmet.was()).append(": ")
                .append(unmet.call()).append(" of ").append(unmet.process()).append(" (").append(unmet.machines())
                .append(" machine ").append(unmet.machine()).append("), line ").append(unmet.line());
        }
        if (!result.unmet().isEmpty()) {
            text.append('\n');
        }
        if (result.assertions().isEmpty()) {
            return;
        }
        text.append("\nAssertions\n");
        TextTable table = new TextTable(3);
        for (AssertionResult result : result.assertions()) {
            ExperimentSpec.Assertion assertion = result.assertion();
            table.row(result.holds() ? "ok" : "FAILED",
                assertion.text()
                    + (assertion.machines().isEmpty() ? "" : " in " + assertion.machines())
                    + (assertion.mark().isEmpty() ? "" : " at '" + assertion.mark() + "'"),
                result.value().isPresent() ? "it is " + shown(assertion.metric(), result.value()) : "not measured");
        }
        text.append(table);
    }
}
