package org.foliofleet.coordinator.report.html;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.foliofleet.coordinator.report.DifferenceText;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Compared.Line;
import org.foliofleet.protocol.compare.Compared.Table;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.PairedDifference;
import org.foliofleet.protocol.compare.Parting;
import org.foliofleet.protocol.compare.Variant;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.Metric;

/** A comparison in three sentences: what ran, what differs most, where runs part and whether they are what was asked for. */
final class ComparedSentences {
    private ComparedSentences() {}

    static List<String> of(Compared compared) {
        return List.of(ran(compared.matrix()), differ(compared), holds(compared));
    }

    private static String ran(Matrix matrix) {
        String varied = matrix.axes().stream().filter(axis -> axis.values().size() > 1)
            .map(axis -> axis.name() + " at " + String.join(", ", axis.values())).collect(Collectors.joining(" and "));
        return matrix.spec().name() + " was run with " + varied + ": " + Sentences.counted(matrix.variants().size(), "variant") + ", "
            + Sentences.counted(matrix.seeds().size(), "seed") + ", " + Sentences.counted(matrix.spec().machineCount(), "machine") + " each.";
    }

    private record Difference(Table table, Line line, Variant variant, PairedDifference by) {
        double size() {
            return Double.isNaN(by.ratio()) ? 0 : Math.abs(by.ratio());
        }
    }

    private static String differ(Compared compared) {
        boolean seeds = compared.matrix().seeds().size() > 1;
        List<Difference> all = new ArrayList<>();
        int metrics = 0;
        for (Table table : compared.tables(List.of(), false)) {
            for (Line line : table.lines()) {
                if (line.key().metric() == Metric.COUNTER || !line.differs()) {
                    continue;
                }
                metrics++;
                for (Variant variant : compared.matrix().variants()) {
                    PairedDifference by = variant.number() == 0 ? null : line.difference(variant.number());
                    if (by != null && !by.isNone() && (!seeds || by.isBeyondNoise())) {
                        all.add(new Difference(table, line, variant, by));
                    }
                }
            }
        }
        if (metrics == 0) {
            return "No metric differs.";
        }
        long beyond = all.stream().map(each -> each.table().machines() + " " + each.line().key()).distinct().count();
        Optional<Difference> largest = all.stream().max(Comparator.comparingDouble(Difference::size));
        return Sentences.counted(metrics, "metric") + (metrics == 1 ? " differs" : " differ") + (seeds ? ", " + beyond + " of them by more than noise" : "")
            + largest.filter(each -> each.size() > 0).map(each -> "; the largest part is that of " + each.line().key() + " in " + each.table().machines()
                + ": " + quantity(each.by().base(), each) + " in A, " + quantity(each.by().other(), each) + " in " + each.variant().letter() + " ("
                + DifferenceText.percent(each.by().ratio()) + " %)").orElse("") + ".";
    }

    private static String quantity(double value, Difference difference) {
        return DifferenceText.quantity(value, difference.line().key().metric().unit());
    }

    private static String holds(Compared compared) {
        Optional<Parting> first = compared.partings().stream().filter(each -> !each.isNone()).min(Comparator.comparingLong(Parting::nanos));
        long all = compared.matrix().runs();
        long passed = compared.results().stream().flatMap(List::stream).filter(ExperimentResult::passed).count();
        String parts = first.map(each -> "Runs first part at " + Quantities.time(each.nanos()) + " in " + each.machines() + " " + each.ordinal() + ", where "
            + each.owner() + " does something else in " + compared.matrix().variants().get(each.variant()).letter()).orElse("Runs part nowhere");
        return parts + "; " + (passed == all ? "in all " + all + " runs" : "in " + passed + " of " + all + " runs")
            + " every assertion holds and every step ended as expected.";
    }
}
