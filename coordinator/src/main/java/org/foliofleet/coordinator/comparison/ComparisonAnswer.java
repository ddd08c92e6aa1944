package org.foliofleet.coordinator.comparison;

import java.util.List;
import org.foliofleet.coordinator.report.ComparisonDocument;
import org.foliofleet.coordinator.report.ComparisonText;
import org.foliofleet.coordinator.report.html.ComparisonReport;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.experiment.MetricKey;

/**
 * What came out of a comparison.
 *
 * @param text tables for people
 * @param json values, differences and partings
 * @param csv  every value of every seed, a line each
 * @param html the report, one self-contained page
 */
public record ComparisonAnswer(String text, String json, String csv, String html) {
    private static final int COLUMNS = 120;

    static ComparisonAnswer of(Compared compared, Question question, List<MetricKey> only) {
        return new ComparisonAnswer(ComparisonText.of(compared, only, false, COLUMNS), ComparisonDocument.json(compared, only),
                ComparisonDocument.csv(compared, only), ComparisonReport.of(compared, question.source(), only, question.words()));
    }
}
