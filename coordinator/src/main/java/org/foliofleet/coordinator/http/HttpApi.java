package org.foliofleet.coordinator.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.settings.ParserSettings;
import akka.http.javadsl.settings.ServerSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.foliofleet.coordinator.comparison.Comparisons;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.protocol.BadInput;
import scala.concurrent.duration.FiniteDuration;

/** The HTTP server of a coordinator. */
public final class HttpApi implements AutoCloseable {
    /** Where a coordinator listens unless told otherwise. */
    public static final int PORT = 8420;

    private static final Duration REQUEST = Duration.ofSeconds(58);
    static final Duration IDLE = Duration.ofSeconds(75);

    private static final class Directives extends AllDirectives {}

    private static final AllDirectives DIRECTIVES = new Directives();

    private final ServerBinding binding;
    private final Comparisons comparisons;

    private HttpApi(ServerBinding binding, Comparisons comparisons) {
        this.binding = binding;
        this.comparisons = comparisons;
    }

    static AllDirectives directives() {
        return DIRECTIVES;
    }

    /** Listens, for whoever reaches it: for loopback only. */
    public static HttpApi start(ActorSystem<?> system, String host, int port, Experiments experiments, String version) {
        return start(system, host, port, experiments, ApiOptions.open(version));
    }

    /**
     * Listens.
     *
     * @param host loopback, unless others than this machine shall reach it
     * @param port 0 for any that is free
     * @throws BadInput if the port is taken, or the host is not this machine
     */
    public static HttpApi start(ActorSystem<?> system, String host, int port, Experiments experiments, ApiOptions options) {
        requireFree("--http", host, port);
        Comparisons comparisons = new Comparisons(options.limits().comparisons());
        return new HttpApi(Http.get(system).newServerAt(host, port).withSettings(settings(system))
                .bind(new ExperimentRoutes(experiments, comparisons, options).route()).toCompletableFuture().join(), comparisons);
    }

    /** Clients that send or read too slowly are left; what they send is not logged. */
    private static ServerSettings settings(ActorSystem<?> system) {
        ServerSettings usual = ServerSettings.create(system.classicSystem());
        ParserSettings parser = usual.getParserSettings().withIllegalHeaderWarnings(false);
        return usual.withServerHeader(Optional.empty()).withRemoteAddressAttribute(true).withParserSettings(parser).withParsingErrorHandler(MalformedRequests.class.getName())
                .withTimeouts(usual.getTimeouts().withRequestTimeout(scala(REQUEST)).withIdleTimeout(scala(IDLE)));
    }

    private static FiniteDuration scala(Duration duration) {
        return FiniteDuration.create(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Tries a port before anything else is begun.
     *
     * @param option by which another can be named
     * @throws BadInput if it is taken, or the host is not this machine
     */
    public static void requireFree(String option, String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException | IllegalArgumentException e) {
            throw new BadInput("http://" + host + ":" + port + " cannot be served: " + e.getMessage()
                    + "; end what uses it, or name another with " + option + " HOST:PORT");
        }
    }

    /** {@code http://HOST:PORT}. */
    public String url() {
        InetSocketAddress at = binding.localAddress();
        return "http://" + at.getHostString() + ":" + at.getPort();
    }

    @Override
    public void close() {
        comparisons.close();
        binding.terminate(Duration.ofSeconds(3)).toCompletableFuture().join();
    }
}
