package org.foliofleet.coordinator.report.html;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.foliofleet.coordinator.report.Provenance;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;

/** The report of an experiment. */
public final class ExperimentReport {
    private ExperimentReport() {}

    /** One self-contained file. */
    public static String of(ExperimentResult result, Provenance provenance) {
        ExperimentSpec spec = result.spec();
        return Page.of(spec.name() + " – foliofleet report", Provenance.version(), CurveData.of(List.of(""), List.of(result)), html -> {
            html.open("header").open("h1").text(spec.name()).text(" ").element("span", result.passed() ? "passed" : "not passed", "class",
                result.passed() ? "badge good" : "badge bad").close();
            if (!spec.about().isBlank()) {
                html.element("p", spec.about().strip(), "class", "about");
            }
            html.open("p", "id", "sentences");
            Sentences.of(result).forEach(sentence -> html.element("span", sentence).text(" "));
            html.close().close();
            ran(html, result, provenance);
            assertions(html, result);
            curves(html, result.classes().stream().map(ClassResult::name).toList());
            Latencies.write(html, result.classes().stream().map(each -> new Latencies.Of(each.name(), each.metrics())).toList());
            FailuresTable.write(html, result);
            Limits.write(html, result);
            Metrics.marks(html, result);
            Metrics.write(html, result);
            Reproduction.write(html, provenance, spec, result.digest());
        });
    }

    static void fact(Html html, String name, String value) {
        if (!value.isEmpty()) {
            html.open("div").element("dt", name).element("dd", value).close();
        }
    }

    private static void ran(Html html, ExperimentResult result, Provenance provenance) {
        ExperimentSpec spec = result.spec();
        html.open("section", "id", "ran").element("h2", "What was run").open("dl");
        fact(html, "Experiment", provenance.id());
        fact(html, "File", Reproduction.argument(provenance.source()));
        fact(html, "Seed", Long.toString(spec.seed()));
        fact(html, "Tick", Quantities.time(spec.tickNanos()));
        fact(html, "Version", "foliofleet " + Provenance.version() + ", grammar " + spec.version());
        fact(html, "Switches that were set", provenance.source().switches().entrySet().stream().map(each -> each.getKey() + "=" + each.getValue())
            .collect(Collectors.joining(", ")));
        fact(html, "Branched from", provenance.source().origin() == null ? ""
            : provenance.source().origin().experiment() + " at epoch " + provenance.source().origin().epoch());
        fact(html, "Submitted", time(provenance.submittedMillis()));
        fact(html, "Completed", time(provenance.endedMillis()));
        fact(html, "Hosting", provenance.hosting());
        fact(html, "Digest of the result", result.digest());
        fact(html, "Digest of what was run", spec.digest());
        html.close().open("div", "class", "wide").open("table");
        html.head(List.of("machines", "#count", "each has", "kernel", "switches", "#simulated", "ended because"));
        html.open("tbody");
        for (int i = 0; i < spec.machines().size(); i++) {
            MachineClass machines = spec.machines().get(i);
            ClassResult ran = result.classes().get(i);
            html.open("tr").cell(machines.name()).number(Quantities.grouped(machines.count())).cell(hardware(machines))
                .cell(machines.settings().isEmpty() ? "as usual" : machines.settings().entrySet().stream()
                    .map(each -> each.getKey() + ": " + each.getValue()).collect(Collectors.joining(", ")))
                .cell(machines.policies().departures().isEmpty() ? "the kernel's" : machines.policies().text().replace(";", ", "))
                .element("td", Quantities.time(ran.nanos()), "class", "n", "data-machines", ran.name(), "data-metric", "nanos", "data-value",
                    Long.toString(ran.nanos())).cell(ran.end()).close();
        }
        html.close().close().close().close();
    }

    private static String time(long millis) {
        return millis == 0 ? "" : Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString().replace("T", " ").replace("Z", " UTC");
    }

    private static String hardware(MachineClass machines) {
        List<String> words = new ArrayList<>();
        List<NumaNode> nodes = machines.nodes();
        NumaNode first = nodes.get(0);
        if (nodes.stream().allMatch(first::equals)) {
            words.add((nodes.size() == 1 ? "" : nodes.size() + " nodes of ") + Quantities.size(first.memoryPages() * 4) + ", "
                + Sentences.counted(first.cpus(), "CPU"));
        } else {
            nodes.forEach(node -> words.add(Quantities.size(node.memoryPages() * 4) + ", " + Sentences.counted(node.cpus(), "CPU")));
        }
        if (machines.swapPages() > 0) {
            words.add("swap of " + Quantities.size(machines.swapPages() * 4));
        }
        return String.join("; ", words);
    }

    private static void assertions(Html html, ExperimentResult result) {
        if (result.assertions().isEmpty() && result.unmet().isEmpty()) {
            return;
        }
        html.open("section", "id", "assertions").element("h2", "Assertions");
        if (!result.assertions().isEmpty()) {
            html.open("div", "class", "wide").open("table").head(List.of("", "that", "where", "#measured")).open("tbody");
            for (AssertionResult each : result.assertions()) {
                Assertion assertion = each.assertion();
                html.open("tr", "class", each.holds() ? null : "bad").element("td", each.holds() ? "✓ holds" : "✗ failed", "class", each.holds() ? "good" : null)
                    .open("td").element("code", assertion.text()).close().cell(where(assertion));
                Metrics.cell(html, "assertion", assertion.metric(), each.value());
                html.close();
            }
            html.close().close().close();
        }
        if (!result.unmet().isEmpty()) {
            html.element("h3", "Steps that ended otherwise than expected").open("div", "class", "wide").open("table")
                .head(List.of("machine", "process", "#line", "call", "expected", "was")).open("tbody");
            for (Unmet each : result.unmet()) {
                html.open("tr", "class", "bad").cell(each.machines() + " " + each.machine()).cell(each.process()).number(Integer.toString(each.line()))
                    .cell(each.call()).cell(each.expected()).cell(each.was()).close();
            }
            html.close().close().close();
        }
        html.close();
    }

    static String where(Assertion assertion) {
        return (assertion.machines().isEmpty() ? "all machines" : assertion.machines()) + (assertion.mark().isEmpty() ? ", in the end"
            : ", at mark “" + assertion.mark() + "”");
    }

    /** Places in which the script draws. */
    static void curves(Html html, List<String> classes) {
        html.open("section", "id", "curves").element("h2", "Curves in simulated time");
        html.open("noscript").element("p", "Curves need JavaScript; everything else is here without.").close();
        for (int i = 0; i < classes.size(); i++) {
            html.open("div", "class", "class", "data-class", Integer.toString(i)).element("h3", classes.get(i)).close();
        }
        html.close();
    }
}
