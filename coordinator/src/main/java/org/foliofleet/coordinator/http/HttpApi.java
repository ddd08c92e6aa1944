package org.foliofleet.coordinator.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.server.AllDirectives;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.protocol.BadInput;

/** The HTTP server of a coordinator. */
public final class HttpApi implements AutoCloseable {
    /** Where a coordinator listens unless told otherwise. */
    public static final int PORT = 8420;

    private static final class Directives extends AllDirectives {}

    private static final AllDirectives DIRECTIVES = new Directives();

    private final ServerBinding binding;

    private HttpApi(ServerBinding binding) {
        this.binding = binding;
    }

    static AllDirectives directives() {
        return DIRECTIVES;
    }

    /**
     * Listens.
     *
     * @param host loopback, unless others than this machine shall command
     * @param port 0 for any that is free
     * @throws BadInput if the port is taken, or the host is not this machine
     */
    public static HttpApi start(ActorSystem<?> system, String host, int port, Experiments experiments, String version) {
        requireFree("--http", host, port);
        return new HttpApi(Http.get(system).newServerAt(host, port).bind(new ExperimentRoutes(experiments, version).route())
                .toCompletableFuture().join());
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
        binding.terminate(Duration.ofSeconds(3)).toCompletableFuture().join();
    }
}
