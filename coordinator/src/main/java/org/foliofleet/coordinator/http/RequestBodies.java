package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.MediaType;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.stream.javadsl.Sink;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Bodies of requests as they come: all of one, in time, and no longer than allowed. */
final class RequestBodies extends AllDirectives {
    private static final Set<String> YAML = Set.of("application/yaml", "application/x-yaml", "text/yaml");
    private static final int PATIENT = 4;

    private final ApiLimits limits;

    RequestBodies(ApiLimits limits) {
        this.limits = limits;
    }

    /** An experiment: as it is written, or as a field of an object. */
    Route experiment(Function<Bodies.Submit, Route> inner) {
        return bytes((mediaType, bytes) -> YAML.contains(mediaType.toString())
                ? inner.apply(new Bodies.Submit(null, null, Json.utf8(bytes), null, null, null)) : inner.apply(read(mediaType, bytes, Bodies.Submit.class)));
    }

    /** An object of that type. */
    <T> Route json(Class<T> type, Function<T, Route> inner) {
        return bytes((mediaType, bytes) -> inner.apply(read(mediaType, bytes, type)));
    }

    private static <T> T read(MediaType mediaType, byte[] bytes, Class<T> type) {
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
