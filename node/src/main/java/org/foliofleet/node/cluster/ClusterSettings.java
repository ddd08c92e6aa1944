package org.foliofleet.node.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.foliofleet.protocol.BadInput;

/**
 * How a JVM takes part in a cluster.
 *
 * @param host     name or address under which the others reach it
 * @param port     0 for any that is free
 * @param seeds    {@code HOST:PORT} of members to join; empty to begin a cluster of its own
 * @param roles    {@link ClusterNode#NODE}, {@link ClusterNode#COORDINATOR} or both
 * @param database settings of {@code journal.JournalDatabase}
 * @param exits    whether the JVM shall end with its membership; tests have more to do
 * @param more     settings that where it is deployed asks for, such as certificates; they go before those of the cluster
 */
public record ClusterSettings(String host, int port, List<String> seeds, Set<String> roles, Config database, boolean exits, Config more) {
    /** Whether something else than this program finds the members to join, and says so when a cluster is to be begun: a word, or none. */
    public static final String BOOTSTRAP = "foliofleet.cluster.bootstrap";

    public ClusterSettings {
        seeds = List.copyOf(seeds);
        roles = Set.copyOf(roles);
    }

    public ClusterSettings(String host, int port, List<String> seeds, Set<String> roles, Config database, boolean exits) {
        this(host, port, seeds, roles, database, exits, ConfigFactory.empty());
    }

    /** Whether it begins a cluster of its own. */
    boolean begins() {
        return seeds.isEmpty() && !more.hasPath(BOOTSTRAP);
    }

    /** A cluster of one JVM, which nobody else joins. */
    public static ClusterSettings alone(Config database) {
        return new ClusterSettings("127.0.0.1", 0, List.of(), Set.of(ClusterNode.NODE, ClusterNode.COORDINATOR), database, false);
    }

    /** What the actor system is started with. */
    Config toConfig() {
        Map<String, Object> values = new HashMap<>();
        values.put("akka.remote.artery.canonical.hostname", host);
        values.put("akka.remote.artery.canonical.port", port);
        values.put("akka.cluster.roles", roles.stream().sorted().toList());
        values.put("akka.cluster.seed-nodes", seeds.stream().map(ClusterSettings::address).toList());
        values.put("akka.coordinated-shutdown.exit-jvm", exits);
        values.put("akka.coordinated-shutdown.run-by-jvm-shutdown-hook", exits);
        if (!roles.contains(ClusterNode.NODE)) {
            // It has no machines to wait for; orders that it could not deliver are given again.
            values.put("akka.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout", "5s");
        }
        return ConfigFactory.defaultOverrides()
                .withFallback(ConfigFactory.parseMap(values))
                .withFallback(more)
                .withFallback(ConfigFactory.defaultApplication())
                .withFallback(ConfigFactory.parseResources(ClusterSettings.class.getClassLoader(), "cluster.conf"))
                .withFallback(database)
                .resolve();
    }

    private static String address(String seed) {
        int colon = seed.lastIndexOf(':');
        if (colon <= 0 || !seed.substring(colon + 1).matches("[1-9][0-9]{0,4}")) {
            throw new BadInput("'" + seed + "' is no address of a member to join; write HOST:PORT");
        }
        return "akka://" + ClusterNode.SYSTEM + "@" + seed;
    }
}
