package org.foliofleet.coordinator.report.html;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.foliofleet.coordinator.report.DifferenceText;
import org.foliofleet.coordinator.report.Provenance;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.PairedDifference;
import org.foliofleet.protocol.compare.Parting;
import org.foliofleet.protocol.compare.Variant;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;

/** The report of a comparison. */
public final class ComparisonReport {
    private final Compared compared;
    private final Matrix matrix;
    private final ExperimentSource source;
    private final String command;
    private final Html html;

    private ComparisonReport(Compared compared, ExperimentSource source, String command, Html html) {
        this.compared = compared;
        this.matrix = compared.matrix();
        this.source = source;
        this.command = command;
        this.html = html;
    }

    /**
     * One self-contained file.
     *
     * @param only    the metrics to show, or empty: those of the summary and all that differ
     * @param options of the command that compares, each a word
     */
    public static String of(Compared compared, ExperimentSource source, List<MetricKey> only, List<String> options) {
        Matrix matrix = compared.matrix();
        String command = "foliofleet compare " + Reproduction.quoted(Reproduction.argument(source))
            + options.stream().map(each -> " " + Reproduction.quoted(each)).collect(Collectors.joining());
        List<String> names = matrix.variants().stream().map(each -> each.letter() + " " + matrix.name(each)).toList();
        ObjectNode data = CurveData.of(names, compared.results().stream().map(seeds -> seeds.get(0)).toList());
        return Page.of(matrix.spec().name() + " – foliofleet comparison", Provenance.version(), data,
            html -> new ComparisonReport(compared, source, command, html).write(only));
    }

    private void write(List<MetricKey> only) {
        ExperimentSpec spec = matrix.spec();
        html.open("header").open("h1").text(spec.name() + ", compared").close();
        if (!spec.about().isBlank()) {
            html.element("p", spec.about().strip(), "class", "about");
        }
        html.open("p", "id", "sentences");
        ComparedSentences.of(compared).forEach(sentence -> html.element("span", sentence).text(" "));
        html.close().close();
        ran();
        ComparedTables.write(html, compared, only);
        assertions();
        partings();
        curves();
        List<Latencies.Of> latencies = new ArrayList<>();
        for (int i = 0; i < spec.machines().size(); i++) {
            int number = i;
            matrix.variants().forEach(variant -> latencies.add(new Latencies.Of(spec.machines().get(number).name() + ", " + variant.letter(),
                compared.results().get(variant.number()).stream().map(run -> run.classes().get(number).metrics())
                    .reduce(MetricValues.NONE, MetricValues::and))));
        }
        Latencies.write(html, latencies);
        failures();
        reproduce();
    }

    private void ran() {
        ExperimentSpec spec = matrix.spec();
        html.open("section", "id", "ran").element("h2", "What was run").open("dl");
        ExperimentReport.fact(html, "File", Reproduction.argument(source));
        ExperimentReport.fact(html, "Seeds", matrix.seeds().size() == 1 ? matrix.seeds().get(0).toString()
            : matrix.seeds().get(0) + " to " + matrix.seeds().get(matrix.seeds().size() - 1) + ", the same in every variant");
        ExperimentReport.fact(html, "Machines", spec.machines().stream().map(each -> Quantities.grouped(each.count()) + " × " + each.name())
            .collect(Collectors.joining(", ")));
        ExperimentReport.fact(html, "Version", "foliofleet " + Provenance.version() + ", grammar " + spec.version());
        ExperimentReport.fact(html, "In all variants", matrix.axes().stream().filter(axis -> axis.values().size() == 1)
            .map(axis -> axis.name() + "=" + axis.values().get(0)).collect(Collectors.joining(", ")));
        ExperimentReport.fact(html, "Hosting", "on threads of one JVM, without actors and without a journal");
        ExperimentReport.fact(html, "Digest of what was run, before anything was varied", spec.digest());
        html.close().open("div", "class", "wide").open("table");
        html.head(List.of("variant", "varied", "passed", "digest with the first seed")).open("tbody");
        for (Variant variant : matrix.variants()) {
            List<ExperimentResult> runs = compared.results().get(variant.number());
            html.open("tr").cell(variant.letter()).cell(matrix.name(variant))
                .cell(runs.stream().filter(ExperimentResult::passed).count() + " of " + runs.size()).open("td").element("code", runs.get(0).digest())
                .close().close();
        }
        html.close().close().close().close();
    }

    private void assertions() {
        if (matrix.spec().assertions().isEmpty()) {
            return;
        }
        html.open("section", "id", "assertions").element("h2", "Assertions that hold, in how many seeds").open("div", "class", "wide").open("table");
        List<String> head = new ArrayList<>(List.of("that", "where"));
        matrix.variants().forEach(variant -> head.add("#" + variant.letter()));
        html.head(head).open("tbody");
        for (int i = 0; i < matrix.spec().assertions().size(); i++) {
            int number = i;
            Assertion assertion = matrix.spec().assertions().get(i);
            html.open("tr").open("td").element("code", assertion.text()).close().cell(ExperimentReport.where(assertion));
            compared.results().forEach(runs -> html.number(runs.stream().map(run -> run.assertions().get(number)).filter(AssertionResult::holds).count()
                + " of " + runs.size()));
            html.close();
        }
        html.close().close().close().close();
    }

    private void partings() {
        html.open("section", "id", "partings").element("h2", "Where runs part");
        if (compared.partings().isEmpty()) {
            html.element("p", "Nowhere that any metric, mark, time or failed call would show.");
        }
        for (Parting parting : compared.partings()) {
            String other = matrix.variants().get(parting.variant()).letter();
            html.open("h3").text("A and " + other + ", " + parting.machines() + " " + parting.ordinal() + ", seed " + parting.seed()).close();
            if (parting.isNone()) {
                html.element("p", "No event differs, only what is measured of them.");
                continue;
            }
            html.element("p", "Tick " + Quantities.grouped(parting.tick()) + " (" + Quantities.time(parting.nanos()) + "), " + parting.owner());
            html.open("div", "class", "wide").open("table").open("tbody");
            html.open("tr").cell("A").open("td").element("code", parting.ofFirst().isEmpty() ? "nothing" : parting.ofFirst()).close().close();
            html.open("tr").cell(other).open("td").element("code", parting.ofOther().isEmpty() ? "nothing" : parting.ofOther()).close().close();
            html.close().close().close();
        }
        html.close();
    }

    private void curves() {
        ExperimentReport.curves(html, matrix.spec().machines().stream().map(each -> each.name() + ", seed " + matrix.seeds().get(0)).toList());
    }

    /** By error, how often in each variant, all seeds together. */
    private void failures() {
        List<String> causes = compared.results().stream().flatMap(List::stream).flatMap(run -> Sentences.causes(run).keySet().stream()).sorted().distinct()
            .toList();
        html.open("section", "id", "failures").element("h2", "Failures by cause, a seed");
        if (causes.isEmpty()) {
            html.element("p", "No call failed.").close();
            return;
        }
        html.open("div", "class", "wide").open("table");
        List<String> head = new ArrayList<>(List.of("cause"));
        matrix.variants().forEach(variant -> head.add("#" + variant.letter()));
        html.head(head).open("tbody");
        for (String cause : causes) {
            html.open("tr").cell(cause);
            compared.results().forEach(runs -> html.number(DifferenceText.mean(
                runs.stream().map(run -> Sentences.causes(run).getOrDefault(cause, 0L)).toList(), Metric.Unit.COUNT)));
            html.close();
        }
        html.close().close().close().close();
    }

    private void reproduce() {
        String argument = Reproduction.argument(source);
        html.open("section", "id", "reproduce").element("h2", "How to reproduce");
        Reproduction.begin(html, source, argument, Provenance.version());
        html.open("pre", "class", "commands").open("code").text(command).close().close();
        html.element("p", "Runs are deterministic: every value and every digest comes again, on any machine.");
        Reproduction.file(html, source, argument);
        html.close();
    }

    /** The rule by which a difference is more than noise. */
    static String rule(int seeds) {
        return seeds > 1 ? "★ beyond noise: a paired t-test over the " + seeds + " seeds (the same draws in all variants), two-sided at the level "
            + PairedDifference.LEVEL + " for each metric by itself; a difference that every seed has alike is beyond noise."
            : "One seed: runs are deterministic, so every difference is due to what was varied, and comes again; whether other draws show it too, --seeds N tells.";
    }
}
