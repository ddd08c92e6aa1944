package org.foliofleet.coordinator.report.html;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.series.Curves;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;

/** What curves are drawn of: series of every class, of one run or of one for each variant. Memory in bytes, time in nanoseconds. */
final class CurveData {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private CurveData() {}

    /**
     * The data.
     *
     * @param labels  of the runs
     * @param results of runs of the same machine classes
     */
    static ObjectNode of(List<String> labels, List<ExperimentResult> results) {
        ObjectNode root = MAPPER.createObjectNode();
        ArrayNode classes = root.putArray("classes");
        for (int i = 0; i < results.get(0).classes().size(); i++) {
            ClassResult first = results.get(0).classes().get(i);
            ObjectNode one = classes.addObject().put("name", first.name());
            ArrayNode marks = one.putArray("marks");
            first.marks().forEach(mark -> marks.add(mark.nanos()));
            ArrayNode runs = one.putArray("runs");
            for (int run = 0; run < results.size(); run++) {
                series(runs.addObject().put("label", labels.get(run)), results.get(run).classes().get(i).series());
            }
        }
        return root;
    }

    private static void series(ObjectNode into, Series series) {
        Curves<Long> curves = Curves.of(series, Track::inBytes);
        into.set("nanos", MAPPER.valueToTree(curves.nanos()));
        into.set("machine", MAPPER.valueToTree(curves.machine()));
        into.set("nodes", MAPPER.valueToTree(curves.nodes()));
    }
}
