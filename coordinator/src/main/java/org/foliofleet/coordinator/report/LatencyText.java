package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.foliofleet.protocol.experiment.Distribution;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.message.LatencyKind;

/** How long faults and stalls took, as a table. */
final class LatencyText {
    private LatencyText() {}

    /** Empty if nothing was measured. */
    static String of(List<ClassResult> classes) {
        StringBuilder text = new StringBuilder();
        for (Metric metric : new Metric[] {Metric.FAULT_LATENCY, Metric.STALL_LATENCY}) {
            boolean faults = metric == Metric.FAULT_LATENCY;
            TextTable table = new TextTable(2);
            List<String> head = new ArrayList<>(List.of("", "", "times"));
            head.addAll(Distribution.quantiles());
            head.add("all");
            table.row(head);
            boolean any = false;
            for (ClassResult machines : classes) {
                for (LatencyKind kind : Distribution.kinds(metric)) {
                    Distribution distribution = Distribution.of(machines.metrics(), metric, kind.word());
                    if (distribution.count() > 0) {
                        any = true;
                        List<String> row = new ArrayList<>(List.of(machines.name(), kind.word(), Quantities.grouped(distribution.count())));
                        Distribution.quantiles().forEach(label -> row.add(Quantities.time(distribution.quantile(label).orElse(0))));
                        OptionalLong all = machines.metrics().get(MetricKey.of(faults ? Metric.FAULT_TIME : Metric.STALL_TIME, kind.word()));
                        row.add(Quantities.time(all.orElse(0)));
                        table.row(row);
                    }
                }
            }
            if (any) {
                text.append(faults ? "\nHow long faults took\n" : "\nHow long stalls took, which are part of faults and other calls\n").append(table);
            }
        }
        return text.toString();
    }
}
