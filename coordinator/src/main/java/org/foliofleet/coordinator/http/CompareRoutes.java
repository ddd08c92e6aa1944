package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Location;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;
import java.util.List;
import org.foliofleet.coordinator.comparison.ComparisonAnswer;
import org.foliofleet.coordinator.comparison.ComparisonStatus;
import org.foliofleet.coordinator.comparison.Comparisons;

/** What a switch or a setting changes: {@code /api/v1/compare} and what is under it. */
final class CompareRoutes extends AllDirectives {
    private static final String PATH = "/api/v1/compare/";
    private static final List<String> FORMATS = List.of("json", "csv", "text");

    private final Comparisons comparisons;
    private final RequestBodies bodies;

    CompareRoutes(Comparisons comparisons, RequestBodies bodies) {
        this.comparisons = comparisons;
        this.bodies = bodies;
    }

    Route route() {
        return concat(
                pathEndOrSingleSlash(() -> concat(
                        get(() -> complete(Answers.json(StatusCodes.OK, new Bodies.Comparing(comparisons.list())))),
                        post(() -> bodies.json(Bodies.Compare.class, compare -> complete(created(comparisons.submit(compare.question()))))))),
                pathPrefix(PathMatchers.segment(), id -> concat(
                        pathEndOrSingleSlash(() -> get(() -> complete(Answers.json(StatusCodes.OK, comparisons.get(id))))),
                        path("cancel", () -> post(() -> bodies.json(Bodies.Because.class, because ->
                                complete(Answers.json(StatusCodes.OK, comparisons.cancel(id, because.words())))))),
                        path("result", () -> get(() -> parameterOptional("format", format -> complete(result(id, format.orElse("json")))))),
                        path("report", () -> get(() -> complete(Answers.page(comparisons.answer(id).html())))))));
    }

    private static HttpResponse created(ComparisonStatus status) {
        return Answers.json(StatusCodes.CREATED, status).addHeader(Location.create(PATH + status.id()));
    }

    private HttpResponse result(String id, String format) {
        if (!FORMATS.contains(format)) {
            throw new Json.Unreadable("format '" + format + "' is unknown; ask for json, csv or text");
        }
        ComparisonAnswer answer = comparisons.answer(id);
        return switch (format) {
            case "csv" -> Answers.csv(answer.csv());
            case "text" -> Answers.text(answer.text());
            default -> Answers.json(answer.json());
        };
    }
}
