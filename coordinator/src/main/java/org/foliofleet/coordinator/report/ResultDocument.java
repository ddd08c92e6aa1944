package org.foliofleet.coordinator.report;

import org.foliofleet.protocol.experiment.ExperimentResult;

/**
 * The result of an experiment, written down.
 *
 * @param passed whether every assertion holds and every expectation was met
 * @param text   for a person
 * @param json   for programs
 */
public record ResultDocument(boolean passed, String text, String json) {
    public static ResultDocument of(ExperimentResult result) {
        return new ResultDocument(result.passed(), ExperimentText.of(result), ExperimentJson.of(result));
    }
}
