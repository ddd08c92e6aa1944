package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.headers.RawHeader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.foliofleet.coordinator.report.ReportDocument;

/** A report as it is asked for: a page, or all series as CSV or JSON. */
final class ReportAnswer {
    static final List<String> FORMATS = List.of("html", "csv", "json");

    private ReportAnswer() {}

    /** @param format one of {@link #FORMATS} */
    static HttpResponse of(ReportDocument report, String format) {
        return switch (format) {
            // The page itself says which scripts run in it, and that it asks for nothing.
            case "html" -> HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, bytes(report.html())))
                    .addHeader(RawHeader.create("Content-Security-Policy", "frame-ancestors 'none'"))
                    .addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"))
                    .addHeader(RawHeader.create("Referrer-Policy", "no-referrer"));
            case "csv" -> HttpResponse.create().withEntity(HttpEntities.create(MediaTypes.TEXT_CSV.toContentType(HttpCharsets.UTF_8), bytes(report.csv())));
            default -> HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, bytes(report.json())));
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
