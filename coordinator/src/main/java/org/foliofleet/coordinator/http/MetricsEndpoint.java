package org.foliofleet.coordinator.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** {@code GET /metrics}: what Prometheus scrapes of this JVM. */
public final class MetricsEndpoint implements AutoCloseable {
    /** Where it listens unless told otherwise. */
    public static final int PORT = 9464;

    private static final class Routes extends AllDirectives {
        private static final ContentType.WithCharset TEXT =
                MediaTypes.customWithOpenCharset("text", "plain", Map.of("version", "0.0.4"), false).toContentType(HttpCharsets.UTF_8);

        Route route(Supplier<String> scrape) {
            return path("metrics", () -> get(() -> complete(HttpResponse.create()
                    .withEntity(HttpEntities.create(TEXT, scrape.get())))));
        }
    }

    private final ServerBinding binding;

    private MetricsEndpoint(ServerBinding binding) {
        this.binding = binding;
    }

    /**
     * Listens.
     *
     * @param port   0 for any that is free
     * @param scrape all meters as text
     * @throws org.foliofleet.protocol.BadInput if the port is taken, or the host is not this machine
     */
    public static MetricsEndpoint start(ActorSystem<?> system, String host, int port, Supplier<String> scrape) {
        HttpApi.requireFree("--metrics", host, port);
        return new MetricsEndpoint(Http.get(system).newServerAt(host, port).bind(new Routes().route(scrape))
                .toCompletableFuture().join());
    }

    /** {@code http://HOST:PORT/metrics}. */
    public String url() {
        InetSocketAddress at = binding.localAddress();
        return "http://" + at.getHostString() + ":" + at.getPort() + "/metrics";
    }

    @Override
    public void close() {
        binding.terminate(Duration.ofSeconds(3)).toCompletableFuture().join();
    }
}
