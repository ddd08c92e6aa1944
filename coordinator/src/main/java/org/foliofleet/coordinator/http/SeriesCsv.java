package org.foliofleet.coordinator.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.coordinator.experiment.FleetView;
import org.foliofleet.coordinator.experiment.SeriesView;
import org.foliofleet.protocol.series.Track;

/**
 * Series as a table: a row for each class, moment and NUMA node, with values of the node; and a row without a node, with those of
 * the machines. Memory is in bytes, time in simulated nanoseconds.
 */
final class SeriesCsv {
    private SeriesCsv() {}

    static String of(List<FleetView.ClassView> classes) {
        List<String> machine = Track.of(Track.Scope.MACHINE).stream().map(Track::key).toList();
        List<String> node = Track.of(Track.Scope.NODE).stream().map(Track::key).toList();
        StringBuilder csv = new StringBuilder("class,nanos,node," + String.join(",", machine) + "," + String.join(",", node) + "\n");
        for (FleetView.ClassView each : classes) {
            SeriesView series = each.series();
            for (int i = 0; i < series.nanos().size(); i++) {
                String moment = each.name() + "," + series.nanos().get(i) + ",";
                csv.append(moment).append(",").append(values(machine, series.machine(), i)).append(",".repeat(node.size())).append("\n");
                for (int number = 0; number < series.nodes().size(); number++) {
                    csv.append(moment).append(number).append(",".repeat(machine.size() + 1)).append(values(node, series.nodes().get(number), i)).append("\n");
                }
            }
        }
        return csv.toString();
    }

    private static String values(List<String> tracks, Map<String, List<Long>> values, int moment) {
        List<String> row = new ArrayList<>();
        for (String track : tracks) {
            row.add(values.containsKey(track) ? values.get(track).get(moment).toString() : "");
        }
        return String.join(",", row);
    }
}
