package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.compare.Compared.Line;
import org.foliofleet.protocol.compare.PairedDifference;
import org.foliofleet.protocol.experiment.Metric;

/** Metrics of two variants with their differences; what does not fit into the width of a terminal is left out. */
final class DifferenceTable {
    private static final int LEAST_NAME = 14;

    private final List<Line> lines;
    private final int variant;
    private final String first;
    private final String other;
    private final boolean seeds;

    DifferenceTable(List<Line> lines, int variant, String first, String other, boolean seeds) {
        this.lines = lines;
        this.variant = variant;
        this.first = first;
        this.other = other;
        this.seeds = seeds;
    }

    /** With all columns, or without the deviation, or also without the range, and with shorter names. */
    String fitting(int width) {
        for (int spread = seeds ? 2 : 0; spread >= 0; spread--) {
            if (ComparisonText.widest(table(spread, Integer.MAX_VALUE)) <= width) {
                return table(spread, Integer.MAX_VALUE).toString();
            }
        }
        int names = lines.stream().mapToInt(line -> line.key().toString().length()).max().orElse(LEAST_NAME);
        int over = ComparisonText.widest(table(0, Integer.MAX_VALUE)) - width;
        return table(0, Math.max(LEAST_NAME, names - over)).toString();
    }

    /** @param spread 2: range and deviation, 1: range, 0: neither */
    private TextTable table(int spread, int names) {
        TextTable table = new TextTable(1);
        List<String> head = new ArrayList<>(List.of("", first, other, "difference", "%"));
        if (seeds) {
            head.add("");
        }
        if (spread > 0) {
            head.add("least");
            head.add("greatest");
        }
        if (spread > 1) {
            head.add("deviation");
        }
        table.row(head);
        for (Line line : lines) {
            table.row(row(line, spread, names));
        }
        return table;
    }

    private List<String> row(Line line, int spread, int names) {
        Metric.Unit unit = line.key().metric().unit();
        List<String> row = new ArrayList<>(List.of(TextWrap.shortened(line.key().toString(), names), DifferenceText.mean(line.values().get(0), unit),
            DifferenceText.mean(line.values().get(variant), unit)));
        PairedDifference difference = line.difference(variant);
        if (difference == null || difference.isNone()) {
            row.add(difference == null ? "-" : "=");
            return row;
        }
        row.add(DifferenceText.signed(difference.mean(), unit));
        row.add(DifferenceText.percent(difference.ratio()));
        if (seeds) {
            row.add(difference.isBeyondNoise() ? "*" : "");
        }
        if (spread > 0) {
            row.add(DifferenceText.signed(difference.least(), unit));
            row.add(DifferenceText.signed(difference.greatest(), unit));
        }
        if (spread > 1) {
            row.add(DifferenceText.quantity(difference.deviation(), unit));
        }
        return row;
    }
}
