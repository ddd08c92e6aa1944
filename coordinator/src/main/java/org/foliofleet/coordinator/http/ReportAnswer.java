package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.HttpResponse;
import java.util.List;
import org.foliofleet.coordinator.report.ReportDocument;

/** A report as it is asked for: a page, or all series as CSV or JSON. */
final class ReportAnswer {
    static final List<String> FORMATS = List.of("html", "csv", "json");

    private ReportAnswer() {}

    /** @param format one of {@link #FORMATS} */
    static HttpResponse of(ReportDocument report, String format) {
        return switch (format) {
            case "html" -> Answers.page(report.html());
            case "csv" -> Answers.csv(report.csv());
            default -> Answers.json(report.json());
        };
    }
}
