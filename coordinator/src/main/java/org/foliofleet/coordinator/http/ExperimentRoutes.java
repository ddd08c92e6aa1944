package org.foliofleet.coordinator.http;

import akka.NotUsed;
import akka.http.javadsl.marshalling.sse.EventStreamMarshalling;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaType;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Location;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.model.sse.ServerSentEvent;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.protocol.experiment.ExperimentSchema;

/** Which request is which command: {@code /api/v1/experiments} and what is under it. */
final class ExperimentRoutes extends AllDirectives {
    private static final Set<String> YAML = Set.of("application/yaml", "application/x-yaml", "text/yaml");
    private static final int PATIENT = 4;
    private static final Duration BETWEEN_EVENTS = Duration.ofSeconds(1);

    private static final ContentType DESCRIPTION_TYPE = MediaTypes.applicationWithFixedCharset("yaml", HttpCharsets.UTF_8).toContentType();
    private static final String SCHEMA = ExperimentSchema.json();
    private static final byte[] DESCRIPTION = description();

    private final Experiments experiments;
    private final Bodies.Service service;
    private final ApiLimits limits;
    private final Guard guard;
    private final Admission admission;
    private final AtomicInteger streams = new AtomicInteger();

    ExperimentRoutes(Experiments experiments, ApiOptions options) {
        this.experiments = experiments;
        this.service = new Bodies.Service("foliofleet", options.version());
        limits = options.limits();
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
                pathEndOrSingleSlash(() -> get(() -> json(StatusCodes.OK, service))),
                path("openapi.yaml", () -> get(() -> complete(HttpResponse.create().withEntity(HttpEntities.create(DESCRIPTION_TYPE, DESCRIPTION))))),
                path("schema", () -> get(() -> complete(HttpEntities.create(ContentTypes.APPLICATION_JSON, SCHEMA)))),
                path("validate", () -> post(() -> source(submit -> json(StatusCodes.OK, Validation.of(submit.submission().source()))))),
                pathPrefix("experiments", this::all)));
    }

    private static HttpResponse fresh(HttpResponse response) {
        return response.addHeader(RawHeader.create("Cache-Control", "no-store")).addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"));
    }

    private Route all() {
        return concat(
                pathEndOrSingleSlash(() -> concat(
                        get(() -> answer(experiments.list().thenApply(Bodies.Listing::new))),
                        post(() -> source(submit -> created(admission.enter(() -> experiments.submit(submit.submission()))))))),
                pathPrefix(PathMatchers.segment(), id -> concat(
                        pathEndOrSingleSlash(() -> get(() -> answer(experiments.get(id)))),
                        path("pause", () -> post(() -> body(Bodies.Because.class, because ->
                                answer(experiments.pause(id, because.reason() == null ? "" : because.reason()))))),
                        path("resume", () -> post(() -> body(Bodies.Resume.class, resume -> answer(admission.enter(() -> experiments.resume(id, resume.run())))))),
                        path("cancel", () -> post(() -> body(Bodies.Because.class, because ->
                                answer(experiments.cancel(id, because.reason() == null ? "" : because.reason()))))),
                        path("branch", () -> post(() -> body(Bodies.Branch.class, branch -> created(admission.enter(() -> experiments.branch(id,
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
        return onSuccess(experiments.result(id), result -> complete(HttpResponse.create().withEntity(format.equals("json")
                ? HttpEntities.create(ContentTypes.APPLICATION_JSON, result.json())
                : HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, result.text()))));
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
        return onSuccess(submitted, status -> complete(HttpResponse.create().withStatus(StatusCodes.CREATED)
                .addHeader(Location.create("/api/v1/experiments/" + status.id()))
                .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, Json.write(status)))));
    }

    private Route answer(CompletionStage<?> value) {
        return onSuccess(value, done -> json(StatusCodes.OK, done));
    }

    private Route json(StatusCode status, Object value) {
        return complete(HttpResponse.create().withStatus(status).withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, Json.write(value))));
    }

    /** An experiment: as it is written, or as a field of an object. */
    private Route source(Function<Bodies.Submit, Route> inner) {
        return bytes((mediaType, bytes) -> YAML.contains(mediaType.toString())
                ? inner.apply(new Bodies.Submit(null, null, Json.utf8(bytes), null, null, null)) : inner.apply(json(mediaType, bytes, Bodies.Submit.class)));
    }

    private <T> Route body(Class<T> type, Function<T, Route> inner) {
        return bytes((mediaType, bytes) -> inner.apply(json(mediaType, bytes, type)));
    }

    private static <T> T json(MediaType mediaType, byte[] bytes, Class<T> type) {
        if (bytes.length > 0 && !mediaType.equals(MediaTypes.APPLICATION_JSON)) {
            throw new Json.Unreadable(StatusCodes.UNSUPPORTED_MEDIA_TYPE, "the body is " + mediaType
                    + "; send JSON with the header Content-Type: application/json");
        }
        return Json.read(bytes, type);
    }

    /** Clients hear of it only once they have sent everything, so a part of it is read. */
    private Route tooLong(HttpRequest request) {
        return extractMaterializer(materializer -> onComplete(request.entity().withSizeLimit(PATIENT * limits.bodyBytes()).getDataBytes()
                        .runWith(Sink.ignore(), materializer).thenApply(Function.identity()).toCompletableFuture().orTimeout(limits.body().toMillis(), TimeUnit.MILLISECONDS),
                read -> complete(Refusals.tooLong(limits.bodyBytes()))));
    }

    /** All of a body, if it comes in time; the server's own timeout begins with its end. */
    private Route bytes(BiFunction<MediaType, byte[], Route> inner) {
        return extractRequest(request -> {
            if (request.entity().getContentLengthOption().orElse(0) > limits.bodyBytes()) {
                return tooLong(request);
            }
            return extractMaterializer(materializer -> onSuccess(request.entity().toStrict(HttpApi.IDLE.toMillis(), materializer)
                            .thenApply(Function.<HttpEntity.Strict>identity()).toCompletableFuture().orTimeout(limits.body().toMillis(), TimeUnit.MILLISECONDS),
                    entity -> inner.apply(entity.getContentType().mediaType(), entity.getData().toArray())));
        });
    }
}
