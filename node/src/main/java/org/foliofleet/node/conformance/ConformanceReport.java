package org.foliofleet.node.conformance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.foliofleet.node.conformance.ScenarioResult.Result;

/** What is told about the results of replays. */
public final class ConformanceReport {
    private static final String ROW = "%-16s %9s %7s %7s %7s %7s %12s";

    private final List<ScenarioResult> results;

    public ConformanceReport(List<ScenarioResult> results) {
        this.results = results;
    }

    /** Whether nothing that was compared differed. */
    public boolean conforms() {
        return results.stream().allMatch(result -> result.differences().isEmpty());
    }

    /** A table with a row per family and their sum, then what failed and what is not supported. */
    public String text(boolean allDifferences) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, ROW, "family", "scenarios", "steps", "passed", "ok", "failed",
                "unsupported"));
        TreeSet<String> families = new TreeSet<>();
        results.forEach(result -> families.add(result.family()));
        for (String family : families) {
            lines.add(row(family, results.stream().filter(result -> result.family().equals(family)).toList()));
        }
        lines.add(row("all", results));
        lines.add("(steps, and how many of them passed; scenarios that are ok, failed, or need what is not modelled)");
        for (ScenarioResult result : results) {
            describe(result, allDifferences, lines);
        }
        return String.join("\n", lines) + "\n";
    }

    private static String row(String name, List<ScenarioResult> some) {
        return String.format(Locale.ROOT, ROW, name, some.size(),
                some.stream().mapToInt(ScenarioResult::steps).sum(),
                some.stream().mapToInt(ScenarioResult::stepsPassed).sum(), count(some, Result.PASS),
                count(some, Result.FAIL), count(some, Result.UNSUPPORTED));
    }

    private static long count(List<ScenarioResult> some, Result result) {
        return some.stream().filter(r -> r.result() == result).count();
    }

    private static void describe(ScenarioResult result, boolean allDifferences, List<String> lines) {
        if (result.result() == Result.PASS) {
            return;
        }
        lines.add("");
        lines.add(result.name() + ": " + result.result().word()
                + result.unsupportedStatement().map(statement -> ": " + statement).orElse("")
                + (result.onlyCounters() ? " (in counters only)" : ""));
        int shown = allDifferences ? result.differences().size() : Math.min(1, result.differences().size());
        result.differences().subList(0, shown).forEach(difference -> lines.add("  " + difference));
        if (shown < result.differences().size()) {
            lines.add("  and " + (result.differences().size() - shown) + " more; --all-differences shows them");
        }
    }

    /**
     * A JSON array with an object per scenario: name, family, result (pass, fail, unsupported), steps, stepsPassed,
     * firstDifference (text or null); of unsupported ones also unsupportedStatement.
     */
    public String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartArray();
            for (ScenarioResult result : results) {
                json.writeStartObject();
                json.writeStringField("name", result.name());
                json.writeStringField("family", result.family());
                json.writeStringField("result", result.result().word());
                json.writeNumberField("steps", result.steps());
                json.writeNumberField("stepsPassed", result.stepsPassed());
                json.writeStringField("firstDifference",
                        result.firstDifference().map(Difference::toString).orElse(null));
                if (result.unsupportedStatement().isPresent()) {
                    json.writeStringField("unsupportedStatement", result.unsupportedStatement().get());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter does not fail
        }
        return text + "\n";
    }
}
