package org.foliofleet.coordinator.http;

import akka.NotUsed;
import akka.http.javadsl.marshalling.sse.EventStreamMarshalling;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Location;
import akka.http.javadsl.model.sse.ServerSentEvent;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.unmarshalling.Unmarshaller;
import akka.stream.javadsl.Source;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Experiments;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which request is which command: {@code /api/v1/experiments} and what is under it. */
final class ExperimentRoutes extends AllDirectives {
    /** An experiment file may have 8 MiB, and more as a JSON string. */
    private static final long MOST_BODY_BYTES = 20L << 20;
    private static final int MOST_STREAMS = 200;
    private static final Duration BETWEEN_EVENTS = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(ExperimentRoutes.class);

    private final Experiments experiments;
    private final Bodies.Service service;
    private final AtomicInteger streams = new AtomicInteger();

    ExperimentRoutes(Experiments experiments, String version) {
        this.experiments = experiments;
        this.service = new Bodies.Service("foliofleet", version);
    }

    Route route() {
        return withSizeLimit(MOST_BODY_BYTES, () -> handleExceptions(exceptions(), () -> handleRejections(rejections(), () -> concat(new PageRoutes().route(),
                pathPrefix(PathMatchers.segment("api").slash("v1"), () -> concat(
                        pathEndOrSingleSlash(() -> get(() -> json(StatusCodes.OK, service))),
                        pathPrefix("experiments", this::all)))))));
    }

    private Route all() {
        return concat(
                pathEndOrSingleSlash(() -> concat(
                        get(() -> answer(experiments.list().thenApply(Bodies.Listing::new))),
                        post(() -> body(Bodies.Submit.class, submit -> created(experiments.submit(submit.submission())))))),
                pathPrefix(PathMatchers.segment(), id -> concat(
                        pathEndOrSingleSlash(() -> get(() -> answer(experiments.get(id)))),
                        path("pause", () -> post(() -> body(Bodies.Because.class, because ->
                                answer(experiments.pause(id, because.reason() == null ? "" : because.reason()))))),
                        path("resume", () -> post(() -> body(Bodies.Resume.class, resume -> answer(experiments.resume(id, resume.run()))))),
                        path("cancel", () -> post(() -> body(Bodies.Because.class, because ->
                                answer(experiments.cancel(id, because.reason() == null ? "" : because.reason()))))),
                        path("branch", () -> post(() -> body(Bodies.Branch.class, branch -> created(experiments.branch(id, branch.epoch(),
                                branch.switches() == null ? Map.of() : branch.switches(), branch.id()))))),
                        path("result", () -> get(() -> parameterOptional("format", format -> result(id, format.orElse("json"))))),
                        path("fleet", () -> get(() -> answer(experiments.fleet(id)))),
                        path("events", () -> get(() -> events(id))))));
    }

    private Route result(String id, String format) {
        if (!format.equals("json") && !format.equals("text")) {
            return complete(Problem.of(StatusCodes.BAD_REQUEST, "format '" + format + "' is unknown; ask for json or text").response());
        }
        return onSuccess(experiments.result(id), result -> complete(HttpResponse.create().withEntity(format.equals("json")
                ? HttpEntities.create(ContentTypes.APPLICATION_JSON, result.json())
                : HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, result.text()))));
    }

    /** The experiment's status whenever it changes, about once a second, until it is over. */
    private Route events(String id) {
        return onSuccess(experiments.get(id), first -> {
            if (streams.incrementAndGet() > MOST_STREAMS) {
                streams.decrementAndGet();
                return complete(Problem.of(StatusCodes.SERVICE_UNAVAILABLE, MOST_STREAMS + " are watching already; ask for the status now and then").response());
            }
            Source<ServerSentEvent, NotUsed> events = Source.tick(Duration.ZERO, BETWEEN_EVENTS, id)
                    .mapAsync(1, experiments::get)
                    .takeWhile(status -> !status.phase().isOver(), true)
                    .map(status -> ServerSentEvent.create(Json.write(status), "status"))
                    .mapMaterializedValue(cancellable -> NotUsed.getInstance())
                    .keepAlive(Duration.ofSeconds(15), ServerSentEvent::heartbeat)
                    .watchTermination((none, done) -> {
                        done.whenComplete((ended, failure) -> streams.decrementAndGet());
                        return NotUsed.getInstance();
                    });
            return completeOK(events, EventStreamMarshalling.toEventStream());
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

    private <T> Route body(Class<T> type, Function<T, Route> inner) {
        return entity(Unmarshaller.entityToString(), text -> {
            T value;
            try {
                value = Json.MAPPER.readValue(text.isBlank() ? "{}" : text, type);
            } catch (JsonProcessingException e) {
                String place = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ": ";
                return complete(Problem.of(StatusCodes.BAD_REQUEST, "the body cannot be read: " + place + e.getOriginalMessage()
                        .replaceAll("\\s*\\R\\s*", " ").replaceAll("\\s*[(`]?(class )?org\\.foliofleet[^)`]*[)`]?(, not marked as ignorable)?", "")).response());
            }
            return value == null ? complete(Problem.of(StatusCodes.BAD_REQUEST, "the body is null; send an object").response()) : inner.apply(value);
        });
    }

    private static ExceptionHandler exceptions() {
        return ExceptionHandler.newBuilder()
                .match(ExperimentProblem.class, problem -> HttpApi.directives().complete(Problem.of(problem).response()))
                .match(CompletionException.class, e -> e.getCause() instanceof ExperimentProblem problem
                        ? HttpApi.directives().complete(Problem.of(problem).response()) : fault(e))
                .matchAny(ExperimentRoutes::fault)
                .build();
    }

    private static Route fault(Throwable failure) {
        if (failure instanceof IllegalArgumentException) {
            return HttpApi.directives().complete(Problem.of(new ExperimentProblem(Kind.INVALID, String.valueOf(failure.getMessage()))).response());
        }
        LOG.error("a request could not be done", failure);
        return HttpApi.directives().complete(Problem.of(StatusCodes.INTERNAL_SERVER_ERROR, "a fault of this program; its log says more").response());
    }

    /** What fits no route is a problem too. */
    private static RejectionHandler rejections() {
        return RejectionHandler.defaultHandler().mapRejectionResponse(response -> {
            String said = response.entity() instanceof HttpEntity.Strict strict ? strict.getData().utf8String() : "";
            Problem problem = Problem.of(response.status(), said.isEmpty() ? response.status().defaultMessage() : said);
            return problem.response().addHeaders(response.getHeaders());
        });
    }
}
