package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.headers.RawHeader;
import java.nio.charset.StandardCharsets;

/** Answers of every kind that is given, in UTF-8. */
final class Answers {
    private Answers() {}

    /** @param value a record */
    static HttpResponse json(StatusCode status, Object value) {
        return json(Json.write(value)).withStatus(status);
    }

    /** @param text JSON already */
    static HttpResponse json(String text) {
        return of(ContentTypes.APPLICATION_JSON, text);
    }

    static HttpResponse csv(String text) {
        return of(MediaTypes.TEXT_CSV.toContentType(HttpCharsets.UTF_8), text);
    }

    static HttpResponse text(String text) {
        return of(ContentTypes.TEXT_PLAIN_UTF8, text);
    }

    /** A report, which says itself which scripts run in it, and that it asks for nothing. */
    static HttpResponse page(String html) {
        return of(ContentTypes.TEXT_HTML_UTF8, html)
                .addHeader(RawHeader.create("Content-Security-Policy", "frame-ancestors 'none'"))
                .addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"))
                .addHeader(RawHeader.create("Referrer-Policy", "no-referrer"));
    }

    private static HttpResponse of(ContentType type, String text) {
        return HttpResponse.create().withEntity(HttpEntities.create(type, text.getBytes(StandardCharsets.UTF_8)));
    }
}
