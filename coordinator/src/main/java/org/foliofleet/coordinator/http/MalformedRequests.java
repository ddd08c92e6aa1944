package org.foliofleet.coordinator.http;

import akka.event.LoggingAdapter;
import akka.http.ParsingErrorHandler;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.scaladsl.model.ErrorInfo;
import akka.http.scaladsl.model.StatusCode;
import akka.http.scaladsl.settings.ServerSettings;

/** What is no HTTP is answered with a problem as well, and not logged: it may hold secrets, and there may be much of it. */
public final class MalformedRequests extends ParsingErrorHandler {
    /** By this name the server finds it. */
    public static final MalformedRequests MODULE$ = new MalformedRequests();

    private MalformedRequests() {}

    @Override
    public HttpResponse handle(StatusCode status, ErrorInfo info, LoggingAdapter log, ServerSettings settings) {
        // a method or version that nobody knows is no fault of the server
        return Problem.of(status.intValue() < 500 ? status : StatusCodes.BAD_REQUEST, info.summary().isEmpty() ? status.defaultMessage() : info.summary()).response();
    }
}
