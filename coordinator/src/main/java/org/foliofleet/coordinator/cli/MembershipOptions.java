package org.foliofleet.coordinator.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a JVM takes part in a cluster. */
final class MembershipOptions {
    private static final String SEEDS = "FOLIOFLEET_SEEDS";

    @Option(names = "--host", paramLabel = "HOST", description = "Name or address of this machine, as the other members reach it; auto:"
            + " the address that it has by its own name (default: ${DEFAULT-VALUE}).", defaultValue = "127.0.0.1")
    private String host;

    @Option(names = "--port", paramLabel = "PORT", description = "Where the other members reach it; 0: any that is free (default: ${DEFAULT-VALUE}).",
            defaultValue = "0")
    private int port;

    @Option(names = "--join", paramLabel = "HOST:PORT", description = "A member of the cluster; may be repeated (default: " + SEEDS
            + ", separated by commas).")
    private List<String> join = new ArrayList<>();

    @Option(names = "--database", paramLabel = "URL", description = "jdbc:postgresql://HOST:PORT/DATABASE (default: FOLIOFLEET_DATABASE_URL). User and"
            + " password are FOLIOFLEET_DATABASE_USER and the file FOLIOFLEET_DATABASE_PASSWORD_FILE, or, not among pods, FOLIOFLEET_DATABASE_PASSWORD.")
    private String database;

    @Mixin
    private DeploymentOptions deployed;

    Fleet.Membership membership() {
        List<String> seeds = new ArrayList<>(join);
        String named = System.getenv(SEEDS);
        if (seeds.isEmpty() && named != null) {
            Arrays.stream(named.split(",")).map(String::strip).filter(seed -> !seed.isEmpty()).forEach(seeds::add);
        }
        return new Fleet.Membership(host.equals("auto") ? own() : host, port, seeds, database, deployed.deployment());
    }

    private static String own() {
        try {
            return InetAddress.getLocalHost().getHostAddress();
        } catch (UnknownHostException e) {
            throw new BadInput("--host auto: this machine has no address by its own name (" + e.getMessage() + "); name one");
        }
    }
}
