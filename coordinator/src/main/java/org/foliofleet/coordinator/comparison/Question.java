package org.foliofleet.coordinator.comparison;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricNames;

/**
 * What shall be compared, as it is written.
 *
 * @param source   or null: it could not be read
 * @param switches each {@code [CLASS:]NAME=VALUE[,VALUE…]}
 * @param settings the same, of kernel settings
 * @param seeds    how many, beginning at that of the experiment
 * @param metrics  to show, or empty: those of the experiment's summary and all that differ
 */
public record Question(ExperimentSource source, List<String> switches, List<String> settings, int seeds, List<String> metrics) {
    public Question {
        switches = List.copyOf(switches);
        settings = List.copyOf(settings);
        metrics = List.copyOf(metrics);
    }

    /**
     * What was read.
     *
     * @param matrix or null if there are problems
     */
    public record Read(Matrix matrix, List<MetricKey> only) {}

    /** Reads it. @param problems gets a message for everything that can not be done, those of the experiment first */
    public Read read(List<String> problems) {
        ExperimentSpec spec = null;
        try {
            spec = source == null ? null : source.load();
        } catch (BadInput e) {
            problems.add(e.getMessage());
        }
        Matrix matrix = Matrix.read(spec, switches, settings, seeds, problems);
        List<MetricKey> only = new ArrayList<>();
        metrics.forEach(each -> only.add(MetricNames.read("--metrics", each, problems)));
        return new Read(matrix, problems.isEmpty() ? only : List.of());
    }

    /** Options of the command that gives the same answer, each a word. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        switches.forEach(each -> words.addAll(List.of("--switch", each)));
        settings.forEach(each -> words.addAll(List.of("--kernel", each)));
        words.addAll(List.of("--seed", Long.toString(source.load().seed()), "--seeds", Integer.toString(seeds)));
        if (!metrics.isEmpty()) {
            words.addAll(List.of("--metrics", String.join(",", metrics)));
        }
        return words;
    }
}
