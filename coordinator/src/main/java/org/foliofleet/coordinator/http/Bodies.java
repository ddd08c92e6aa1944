package org.foliofleet.coordinator.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.foliofleet.coordinator.comparison.ComparisonStatus;
import org.foliofleet.coordinator.comparison.Question;
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
    record Because(String reason) {
        String words() {
            return reason == null ? "" : reason;
        }
    }

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

    /**
     * What shall be compared.
     *
     * @param file       how messages call the text, or null
     * @param text       of the experiment file
     * @param seed       at which to begin, or null: that of the file
     * @param seeds      how many, or null: one
     * @param parameters of the file, or null
     * @param switches   with the values that they take, the first of which is what others are compared with; or null
     * @param kernel     settings, the same; or null
     * @param metrics    to show, or null: those of the summary, and all that differ
     */
    record Compare(String file, String text, Long seed, Integer seeds, Map<String, String> parameters, Map<String, List<String>> switches,
            Map<String, List<String>> kernel, List<String> metrics) {
        Question question() {
            if (metrics != null && metrics.contains(null) || parameters != null && parameters.containsValue(null)) {
                throw new Json.Unreadable("a metric or a parameter is null; give it a value, or leave it out");
            }
            ExperimentSource source = new ExperimentSource(file == null ? "experiment.yaml" : file, text == null ? "" : text, seed, Map.of(), null);
            return new Question(source.withParameters(parameters == null ? Map.of() : parameters), axes(switches), axes(kernel), seeds == null ? 1 : seeds,
                    metrics == null ? List.of() : metrics);
        }

        private static List<String> axes(Map<String, List<String>> values) {
            List<String> axes = new ArrayList<>();
            (values == null ? Map.<String, List<String>>of() : values).forEach((name, all) -> {
                if (all == null || all.isEmpty() || all.contains(null)) {
                    throw new Json.Unreadable("'" + name + "' has no values, or one that is null; write them in a list");
                }
                axes.add(name + "=" + String.join(",", all));
            });
            return axes;
        }
    }

    record Comparing(List<ComparisonStatus> comparisons) {}

    /** What the server is. */
    record Service(String service, String version) {}
}
