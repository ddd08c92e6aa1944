package org.foliofleet.coordinator.http;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.foliofleet.coordinator.experiment.ExperimentSummary;
import org.foliofleet.coordinator.experiment.SeriesView;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** The bodies of requests, and of answers that are not an {@code ExperimentStatus}. */
final class Bodies {
    private Bodies() {}

    /**
     * @param id       that the experiment shall have, or null
     * @param file     how messages call the text, or null
     * @param text     of the experiment file
     * @param seed     takes the place of that of the file, or null
     * @param switches take the place of those of the file, or null
     * @param run      takes the place of that of the file, or null
     */
    record Submit(String id, String file, String text, Long seed, Map<String, String> switches, Execution run) {
        static Submit of(Submission submission) {
            ExperimentSource source = submission.source();
            return new Submit(submission.id(), source.name(), source.text(), source.seed(), source.switches(), submission.execution());
        }

        Submission submission() {
            return new Submission(id, new ExperimentSource(file == null ? "experiment.yaml" : file, text == null ? "" : text, seed, known(switches), null), run);
        }
    }

    private static Map<String, String> known(Map<String, String> switches) {
        if (switches != null && switches.values().stream().anyMatch(Objects::isNull)) {
            throw new Json.Unreadable("a switch is null; give it a value, or leave it out");
        }
        return switches == null ? Map.of() : switches;
    }

    /** @param reason may be null */
    record Because(String reason) {}

    /** @param run how to go on, or null: as before */
    record Resume(Execution run) {}

    /** @param switches other than in the origin, or null */
    record Branch(long epoch, Map<String, String> switches, String id) {
        Map<String, String> others() {
            return known(switches);
        }
    }

    record Listing(List<ExperimentSummary> experiments) {}

    /** Curves of an experiment. */
    record AllSeries(String id, List<ClassSeries> classes) {}

    record ClassSeries(String name, SeriesView series) {}

    /** What the server is. */
    record Service(String service, String version) {}
}
