package org.foliofleet.coordinator.http;

import akka.NotUsed;
import akka.http.javadsl.marshalling.sse.EventStreamMarshalling;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Location;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.model.sse.ServerSentEvent;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;
import akka.stream.javadsl.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.foliofleet.coordinator.comparison.Comparisons;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.protocol.experiment.ExperimentSchema;

/** Which request is which command: {@code /api/v1}, {@code /api/v1/experiments} and what is under it. */
final class ExperimentRoutes extends AllDirectives {
    private static final Duration BETWEEN_EVENTS = Duration.ofSeconds(1);

    private static final ContentType DESCRIPTION_TYPE = MediaTypes.applicationWithFixedCharset("yaml", HttpCharsets.UTF_8).toContentType();
    private static final String SCHEMA = ExperimentSchema.json();
    private static final byte[] DESCRIPTION = description();

    private final Experiments experiments;
    private final Bodies.Service service;
    private final ApiLimits limits;
    private final Comparisons comparisons;
    private final RequestBodies bodies;
    private final Guard guard;
    private final Admission admission;
    private final AtomicInteger streams = new AtomicInteger();

    ExperimentRoutes(Experiments experiments, Comparisons comparisons, ApiOptions options) {
        this.experiments = experiments;
        this.comparisons = comparisons;
        this.service = new Bodies.Service("foliofleet", options.version());
        limits = options.limits();
        bodies = new RequestBodies(limits);
        guard = new Guard(options);
        admission = new Admission(experiments, limits.experiments());
    }

    private static byte[] description() {
        try (InputStream in = ExperimentRoutes.class.getResourceAsStream("openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its file openapi.yaml");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whoever is not let in hears of nothing else. */
    Route route() {
        return withRequestTimeoutResponse(request -> Refusals.late(), () -> withSizeLimit(limits.bodyBytes(), () -> handleExceptions(Refusals.exceptions(),
                () -> handleRejections(Refusals.rejections(), () -> extractRequest(request -> {
                    HttpResponse refusal = guard.refusal(request);
                    return refusal != null ? complete(refusal) : concat(new PageRoutes().route(), mapResponse(ExperimentRoutes::fresh, this::api));
                })))));
    }

    private Route api() {
        return pathPrefix(PathMatchers.segment("api").slash("v1"), () -> concat(
                pathEndOrSingleSlash(() -> get(() -> complete(Answers.json(StatusCodes.OK, service)))),
                path("openapi.yaml", () -> get(() -> complete(HttpResponse.create().withEntity(HttpEntities.create(DESCRIPTION_TYPE, DESCRIPTION))))),
                path("schema", () -> get(() -> complete(Answers.json(SCHEMA)))),
                path("validate", () -> post(() -> bodies.experiment(submit -> complete(Answers.json(StatusCodes.OK, Validation.of(submit.submission().source())))))),
                pathPrefix("compare", new CompareRoutes(comparisons, bodies)::route),
                pathPrefix("experiments", this::all)));
    }

    private static HttpResponse fresh(HttpResponse response) {
        return response.addHeader(RawHeader.create("Cache-Control", "no-store")).addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"));
    }

    private Route all() {
        return concat(
                pathEndOrSingleSlash(() -> concat(
                        get(() -> answer(experiments.list().thenApply(Bodies.Listing::new))),
                        post(() -> bodies.experiment(submit -> created(admission.enter(() -> experiments.submit(submit.submission()))))))),
                pathPrefix(PathMatchers.segment(), id -> concat(
                        pathEndOrSingleSlash(() -> get(() -> answer(experiments.get(id)))),
                        path("pause", () -> post(() -> bodies.json(Bodies.Because.class, because ->
                                answer(experiments.pause(id, because.words()))))),
                        path("resume", () -> post(() -> bodies.json(Bodies.Resume.class, resume -> answer(admission.enter(() -> experiments.resume(id, resume.run())))))),
                        path("cancel", () -> post(() -> bodies.json(Bodies.Because.class, because ->
                                answer(experiments.cancel(id, because.words()))))),
                        path("branch", () -> post(() -> bodies.json(Bodies.Branch.class, branch -> created(admission.enter(() -> experiments.branch(id,
                                branch.epoch(), branch.others(), branch.id())))))),
                        path("result", () -> get(() -> parameterOptional("format", format -> result(id, format.orElse("json"))))),
                        path("report", () -> get(() -> parameterOptional("format", format -> report(id, format.orElse("html"))))),
                        new LookRoutes(experiments).of(id),
                        path("events", () -> get(() -> events(id))))));
    }

    private Route result(String id, String format) {
        if (!format.equals("json") && !format.equals("text")) {
            throw new Json.Unreadable("format '" + format + "' is unknown; ask for json or text");
        }
        return onSuccess(experiments.result(id), result -> complete(format.equals("json") ? Answers.json(result.json()) : Answers.text(result.text())));
    }

    private Route report(String id, String format) {
        return ReportAnswer.FORMATS.contains(format) ? onSuccess(experiments.report(id), report -> complete(ReportAnswer.of(report, format)))
                : complete(Problem.of(StatusCodes.BAD_REQUEST, "format '" + format + "' is unknown; ask for html, csv or json").response());
    }

    /** The experiment's status whenever it changes, about once a second, until it is over. Who reads slowly misses some. */
    private Route events(String id) {
        return onSuccess(experiments.get(id), first -> {
            if (streams.get() >= limits.streams()) {
                return complete(Problem.of(StatusCodes.TOO_MANY_REQUESTS, limits.streams() + " are watching already; ask for the status now and then")
                        .response().addHeader(RawHeader.create("Retry-After", "30")));
            }
            // counted once it is read: what nobody reads does not end either
            return completeOK(Source.lazySource(() -> events(id, streams.incrementAndGet())).mapMaterializedValue(none -> NotUsed.getInstance()),
                    EventStreamMarshalling.toEventStream());
        });
    }

    private Source<ServerSentEvent, NotUsed> events(String id, int number) {
        if (number > limits.streams()) {
            streams.decrementAndGet();
            return Source.empty();
        }
        return Source.tick(Duration.ZERO, BETWEEN_EVENTS, id)
                .mapAsync(1, experiments::get)
                .takeWhile(status -> !status.phase().isOver(), true)
                .map(status -> ServerSentEvent.create(Json.write(status), "status"))
                .keepAlive(Duration.ofSeconds(15), ServerSentEvent::heartbeat)
                .watchTermination((cancellable, done) -> {
                    done.whenComplete((ended, failure) -> streams.decrementAndGet());
                    return NotUsed.getInstance();
                });
    }

    private Route created(CompletionStage<ExperimentStatus> submitted) {
        return onSuccess(submitted, status -> complete(Answers.json(StatusCodes.CREATED, status).addHeader(Location.create("/api/v1/experiments/" + status.id()))));
    }

    private Route answer(CompletionStage<?> value) {
        return onSuccess(value, done -> complete(Answers.json(StatusCodes.OK, done)));
    }
}
