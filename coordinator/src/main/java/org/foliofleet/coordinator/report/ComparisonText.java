package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Compared.Line;
import org.foliofleet.protocol.compare.Compared.Table;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.PairedDifference;
import org.foliofleet.protocol.compare.Variant;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** A comparison for a person: what was run, how metrics differ, which differences are more than noise, where runs part. */
public final class ComparisonText {
    private static final int HEAD = 28;

    private final Compared compared;
    private final Matrix matrix;
    private final int width;
    private final boolean seeds;
    private final StringBuilder text = new StringBuilder();
    private int hidden;

    private ComparisonText(Compared compared, int width) {
        this.compared = compared;
        this.matrix = compared.matrix();
        this.width = width;
        this.seeds = matrix.seeds().size() > 1;
    }

    /**
     * Writes it.
     *
     * @param only  the metrics to show, or empty: those of the summary and all that differ
     * @param marks whether to show them at marks too
     * @param width columns of the terminal
     */
    public static String of(Compared compared, List<MetricKey> only, boolean marks, int width) {
        ComparisonText comparison = new ComparisonText(compared, width);
        comparison.head();
        for (Table table : compared.tables(only, marks)) {
            comparison.table(only.isEmpty() ? comparison.withoutRepetitions(table) : table);
        }
        comparison.assertions();
        comparison.partings();
        comparison.rule();
        return comparison.text.toString();
    }

    private void head() {
        ExperimentSpec spec = matrix.spec();
        String about = spec.about().isEmpty() ? "" : ": " + spec.about().strip();
        text.append(String.join("\n", TextWrap.lines(spec.name() + about, width))).append("\n\n");
        text.append(matrix.variants().size()).append(" variants, ")
            .append(seeds ? matrix.seeds().size() + " seeds (" + matrix.seeds().get(0) + " to " + matrix.seeds().get(matrix.seeds().size() - 1) + ")"
                : "seed " + matrix.seeds().get(0))
            .append(", ").append(spec.machineCount()).append(spec.machineCount() == 1 ? " machine" : " machines").append(" each\n");
        TextTable table = new TextTable(2);
        for (Variant variant : matrix.variants()) {
            table.row(variant.letter(), matrix.name(variant));
        }
        text.append(table);
        matrix.axes().stream().filter(axis -> axis.values().size() == 1)
            .forEach(axis -> text.append("  all: ").append(axis.name()).append('=').append(axis.values().get(0)).append('\n'));
        if (compared.results().stream().flatMap(List::stream).anyMatch(run -> run.isIncomplete())) {
            text.append("\nSome calls are not modelled, so the results say nothing about a kernel; foliofleet run shows which.\n");
        }
    }

    /** Without kernel counters that have the values of a metric; most of these are the same thing under its kernel name. */
    private Table withoutRepetitions(Table table) {
        Set<List<List<Long>>> seen = table.lines().stream().filter(line -> line.key().metric() != Metric.COUNTER).map(Line::values)
            .collect(Collectors.toSet());
        List<Line> lines = table.lines().stream().filter(line -> line.key().metric() != Metric.COUNTER
            || matrix.spec().summary().contains(line.key()) || !seen.contains(line.values())).toList();
        hidden += table.lines().size() - lines.size();
        return new Table(table.machines(), table.mark(), lines);
    }

    /** The short name of a variant in the heads of tables. */
    private String head(Variant variant) {
        long varying = matrix.axes().stream().filter(axis -> axis.values().size() > 1).count();
        String name = matrix.name(variant);
        String value = name.substring(name.indexOf('=') + 1);
        return varying == 1 && value.length() <= HEAD ? value : variant.letter();
    }

    private void table(Table table) {
        String where = table.machines() + (table.mark().isEmpty() ? "" : " at '" + table.mark() + "'");
        if (table.lines().stream().noneMatch(Line::differs)) {
            text.append('\n').append(where).append(": no metric differs\n");
        }
        if (table.lines().isEmpty()) {
            return;
        }
        if (matrix.variants().size() > 2) {
            overview(table, where);
        }
        for (int variant = 1; variant < matrix.variants().size(); variant++) {
            int number = variant;
            List<Line> lines = matrix.variants().size() == 2 ? table.lines() : table.lines().stream().filter(line -> line.differs(number)).toList();
            Variant other = matrix.variants().get(variant);
            if (matrix.variants().size() > 2) {
                text.append('\n').append(where).append(": ").append(other.letter()).append(" against A").append(lines.isEmpty() ? ", no metric differs" : "").append('\n');
            } else {
                text.append('\n').append(where).append('\n');
            }
            if (!lines.isEmpty()) {
                text.append(new DifferenceTable(lines, variant, head(matrix.variants().get(0)), head(other), seeds).fitting(width));
            }
        }
    }

    /** All variants side by side, as many as fit. */
    private void overview(Table table, String where) {
        int from = 0;
        while (from < matrix.variants().size()) {
            int to = matrix.variants().size();
            while (to > from + 1 && widest(side(table, from, to)) > width) {
                to--;
            }
            text.append('\n').append(where).append(from == 0 ? "" : ", further variants").append(seeds ? " (means)" : "").append('\n');
            text.append(side(table, from, to));
            from = to;
        }
    }

    private TextTable side(Table table, int from, int to) {
        TextTable side = new TextTable(1);
        List<String> head = new ArrayList<>(List.of(""));
        matrix.variants().subList(from, to).forEach(variant -> head.add(head(variant)));
        side.row(head);
        for (Line line : table.lines()) {
            List<String> row = new ArrayList<>(List.of(line.key().toString()));
            for (int variant = from; variant < to; variant++) {
                row.add(DifferenceText.mean(line.values().get(variant), line.key().metric().unit()));
            }
            side.row(row);
        }
        return side;
    }

    static int widest(TextTable table) {
        return table.toString().lines().mapToInt(String::length).max().orElse(0);
    }

    private void assertions() {
        if (matrix.spec().assertions().isEmpty()) {
            return;
        }
        text.append("\nAssertions that hold").append(seeds ? ", in how many seeds" : "").append('\n');
        TextTable table = new TextTable(1);
        List<String> head = new ArrayList<>(List.of(""));
        matrix.variants().forEach(variant -> head.add(variant.letter()));
        table.row(head);
        for (int i = 0; i < matrix.spec().assertions().size(); i++) {
            int number = i;
            ExperimentSpec.Assertion assertion = matrix.spec().assertions().get(i);
            String name = assertion.text() + (assertion.machines().isEmpty() ? "" : " in " + assertion.machines())
                + (assertion.mark().isEmpty() ? "" : " at '" + assertion.mark() + "'");
            List<String> row = new ArrayList<>(List.of(TextWrap.shortened(name, Math.max(20, width - 8 * matrix.variants().size()))));
            compared.results().forEach(runs -> {
                long hold = runs.stream().map(run -> run.assertions().get(number)).filter(AssertionResult::holds).count();
                row.add(seeds ? hold + "/" + runs.size() : hold == 1 ? "yes" : "no");
            });
            table.row(row);
        }
        text.append(table);
    }

    private void partings() {
        text.append("\nWhere runs part\n");
        if (compared.partings().isEmpty()) {
            text.append("  nowhere that any metric, mark, time or failed call would show\n");
        }
        compared.partings().forEach(parting -> {
            Variant other = matrix.variants().get(parting.variant());
            text.append("  A and ").append(other.letter()).append(", ").append(parting.machines()).append(' ').append(parting.ordinal())
                .append(", seed ").append(parting.seed()).append(": ");
            if (parting.isNone()) {
                text.append("no event differs, only what is measured of them\n");
                return;
            }
            text.append("tick ").append(Quantities.grouped(parting.tick())).append(" (").append(Quantities.time(parting.nanos())).append("), ")
                .append(parting.owner()).append('\n');
            event("A", parting.ofFirst());
            event(other.letter(), parting.ofOther());
        });
    }

    private void event(String letter, String words) {
        text.append("    ").append(letter).append("  ").append(words.isEmpty() ? "nothing" : TextWrap.shortened(words, width - 7)).append('\n');
    }

    private void rule() {
        String rule = seeds
            ? "* beyond noise: a paired t-test over the " + matrix.seeds().size() + " seeds (the same draws in all variants), two-sided at the level "
                + PairedDifference.LEVEL + " for each metric by itself; a difference that every seed has alike is beyond noise."
            : "One seed: runs are deterministic, so every difference is due to what was varied, and comes again; whether other draws show it too,"
                + " --seeds N tells.";
        text.append('\n').append(String.join("\n", TextWrap.lines(rule, width))).append('\n');
        if (hidden > 0) {
            String repeated = hidden + (hidden == 1 ? " kernel counter repeats" : " kernel counters repeat")
                + " a metric above; --csv and --json have all.";
            text.append(String.join("\n", TextWrap.lines(repeated, width))).append('\n');
        }
    }
}
