package org.foliofleet.coordinator.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.foliofleet.coordinator.comparison.ComparisonLimits;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.http.AccessToken;
import org.foliofleet.coordinator.http.ApiLimits;
import org.foliofleet.coordinator.http.ApiOptions;
import org.foliofleet.coordinator.http.HttpApi;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where and to whom a coordinator serves its HTTP API. */
final class HttpOptions {
    @Option(names = "--http", paramLabel = "HOST:PORT", description = "Where the HTTP API and the live page are served (default: ${DEFAULT-VALUE})."
            + " Elsewhere than on loopback a token is needed.", defaultValue = "127.0.0.1:" + HttpApi.PORT)
    private String http;

    @Mixin
    private TokenOption token;

    @Option(names = "--allow-anonymous", description = "Whoever reaches the HTTP API may command, without a token and from other machines too.")
    private boolean anonymous;

    @Option(names = "--max-experiments", paramLabel = "N", description = "Experiments that may run at once (default: ${DEFAULT-VALUE}).", defaultValue = "64")
    private int experiments;

    @Option(names = "--max-rate", paramLabel = "N", description = "Requests a second that an address may send in the long run (default: ${DEFAULT-VALUE}).",
            defaultValue = "100")
    private int rate;

    @Option(names = "--max-streams", paramLabel = "N", description = "Event streams at once (default: ${DEFAULT-VALUE}).", defaultValue = "200")
    private int streams;

    @Option(names = "--max-comparisons", paramLabel = "N", description = "Comparisons that may wait or run, one at a time, in this JVM (default: ${DEFAULT-VALUE}).",
            defaultValue = "4")
    private int comparisons;

    /** What was asked for, and can be done. */
    record Serving(ListenAddress address, ApiOptions options) {
        HttpApi start(Fleet fleet) {
            return HttpApi.start(fleet.system(), address.host(), address.port(), fleet.experiments(), options);
        }
    }

    /** @throws BadInput if it makes no sense, or is unsafe */
    Serving check() {
        require("--max-experiments", experiments, 100_000);
        require("--max-rate", rate, 1_000_000);
        require("--max-streams", streams, 900);
        require("--max-comparisons", comparisons, 1000);
        AccessToken secret = token.read();
        if (secret != null && anonymous) {
            throw new BadInput("--allow-anonymous: there is a token as well; leave out one of both");
        }
        ListenAddress address = ListenAddress.of("--http", http, HttpApi.PORT);
        if (secret == null && !anonymous && !isLoopback(address.host())) {
            throw new BadInput("--http " + http + ": others than this machine could command; give a token with --token-file FILE, or say --allow-anonymous");
        }
        return new Serving(address, new ApiOptions(Version.number(), secret,
                ApiLimits.DEFAULT.withRequestsPerSecond(rate).withStreams(streams).withExperiments(experiments)
                        .withComparisons(ComparisonLimits.usual().withWaiting(comparisons))));
    }

    private static void require(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new BadInput(option + " " + value + ": write 1 to " + most);
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
