package org.foliofleet.coordinator.report;

import org.foliofleet.coordinator.report.html.ExperimentReport;
import org.foliofleet.protocol.experiment.ExperimentResult;

/**
 * All of the result of an experiment, to be handed on.
 *
 * @param html one self-contained file for people
 * @param csv  every value of all series, a line each, in base units
 * @param json the result and all series, in base units
 */
public record ReportDocument(String html, String csv, String json) {
    public static ReportDocument of(ExperimentResult result, Provenance provenance) {
        return new ReportDocument(ExperimentReport.of(result, provenance), SeriesDocument.csv(result), SeriesDocument.json(result, provenance));
    }
}
