package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import java.nio.charset.StandardCharsets;
import org.foliofleet.coordinator.experiment.ExperimentProblem;

/**
 * Problem details of RFC 9457: why a request was not done.
 *
 * @param title  of the status
 * @param detail one sentence with the remedy
 */
record Problem(String type, String title, int status, String detail) {
    static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(StatusCode status, String detail) {
        return new Problem("about:blank", status.reason(), status.intValue(), detail);
    }

    static Problem of(ExperimentProblem problem) {
        return of(switch (problem.kind()) {
            case INVALID -> StatusCodes.UNPROCESSABLE_CONTENT;
            case UNKNOWN -> StatusCodes.NOT_FOUND;
            case CONFLICT -> StatusCodes.CONFLICT;
            case BUSY -> StatusCodes.TOO_MANY_REQUESTS;
            case UNAVAILABLE -> StatusCodes.SERVICE_UNAVAILABLE;
        }, problem.getMessage());
    }

    /** What a client may make of it. */
    ExperimentProblem toException() {
        return new ExperimentProblem(status == 404 ? ExperimentProblem.Kind.UNKNOWN : status == 409 ? ExperimentProblem.Kind.CONFLICT
                : status == 429 ? ExperimentProblem.Kind.BUSY
                : status >= 500 ? ExperimentProblem.Kind.UNAVAILABLE : ExperimentProblem.Kind.INVALID, detail);
    }

    HttpResponse response() {
        return HttpResponse.create().withStatus(status).withEntity(HttpEntities.create(
                ContentTypes.create(MediaTypes.applicationWithFixedCharset("problem+json", HttpCharsets.UTF_8)),
                Json.write(this).getBytes(StandardCharsets.UTF_8)));
    }
}
