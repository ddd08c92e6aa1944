package org.foliofleet.coordinator.embedded;

import akka.actor.typed.ActorSystem;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.foliofleet.coordinator.experiment.ClusterExperiments;
import org.foliofleet.coordinator.experiment.ExperimentSettings;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.node.cluster.ClusterNode;
import org.foliofleet.node.cluster.ClusterSettings;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.metrics.JvmMeters;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.MachineOrder;

/** This JVM as a member of a cluster: one that runs machines, one that has experiments, or all of a cluster in one. */
public final class Fleet implements AutoCloseable {
    static final String JOURNAL = "journal";
    private static final EntityTypeKey<MachineOrder> MACHINE = EntityTypeKey.create(MachineOrder.class, MachineOrder.ENTITY_TYPE);

    /** Nobody has to be waited for, neither at the beginning nor, because what counts is in the journal, at the end. */
    private static final Map<String, Object> ALONE = Map.ofEntries(
            Map.entry("akka.coordinated-shutdown.run-by-actor-system-terminate", "off"),
            Map.entry("akka.cluster.periodic-tasks-initial-delay", "20ms"),
            Map.entry("akka.cluster.leader-actions-interval", "50ms"),
            Map.entry("akka.cluster.gossip-interval", "100ms"),
            Map.entry("akka.cluster.sharding.retry-interval", "100ms"),
            Map.entry("akka.cluster.singleton.hand-over-retry-interval", "100ms"),
            Map.entry("akka.cluster.singleton-proxy.singleton-identification-interval", "100ms"),
            Map.entry("akka.cluster.distributed-data.gossip-interval", "100ms"),
            Map.entry("akka.cluster.distributed-data.notify-subscribers-interval", "50ms"));

    /**
     * How this JVM is reached, and what it joins.
     *
     * @param host     of this machine, as other members reach it
     * @param port     0 for any that is free
     * @param seeds    {@code HOST:PORT} of members; empty to begin a cluster
     * @param database URL of the database, or null: as the environment says
     * @param deployed what the place where it runs adds
     */
    public record Membership(String host, int port, List<String> seeds, String database, Deployment deployed) {
        /** @throws BadInput if two are to say which cluster is joined */
        public Membership {
            if (deployed.pods() != null && !seeds.isEmpty()) {
                throw new BadInput("members are found among pods, or named with --join: not both");
            }
        }

        /** Whether a cluster is begun at once, with this member. */
        public boolean begins() {
            return seeds.isEmpty() && deployed.pods() == null;
        }
    }

    private final ClusterNode node;
    private final Experiments experiments;
    private final Runnable atEnd;

    private Fleet(ClusterNode node, Experiments experiments, Runnable atEnd) {
        this.node = node;
        this.experiments = experiments;
        this.atEnd = atEnd;
    }

    /**
     * A cluster of this JVM alone, on a database in a directory. Experiments that are there rest until they are resumed.
     *
     * @param data     made if it is not there
     * @throws BadInput if the directory cannot be used, or another process uses it
     */
    public static Fleet embedded(Path data) {
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new BadInput(data + ": cannot be made a directory (" + e.getMessage() + "); name another with --data");
        }
        JournalDatabase database = JournalDatabase.open(DatabaseAddress.ofFile(data.resolve(JOURNAL)));
        ExperimentRows.requireReadable(database);
        FileDatabase file = FileDatabase.keep(database);
        Config config = ConfigFactory.parseMap(ALONE).withFallback(database.config());
        ClusterNode node = ClusterNode.start(ClusterSettings.alone(config), obituary -> { });
        return withExperiments(node, database, ExperimentSettings.EMBEDDED, file::close);
    }

    /**
     * The same on a directory that has been used before.
     *
     * @throws BadInput if it has not
     */
    public static Fleet existing(Path data) {
        if (!Files.exists(data.resolve(JOURNAL + ".mv.db"))) {
            throw new BadInput(data + ": there are no experiments in this directory; name the one that foliofleet run was given with --data");
        }
        return embedded(data);
    }

    /**
     * A member that runs machines.
     *
     * @param obituary is told in a sentence if the member does not leave by its own will
     * @throws BadInput if the address or the database cannot be used
     */
    public static Fleet node(Membership membership, Consumer<String> obituary) {
        return new Fleet(start(membership, database(membership), ClusterNode.NODE, obituary), null, () -> { });
    }

    /**
     * A member that has experiments; those that are not over go on.
     *
     * @param obituary is told in a sentence if the member does not leave by its own will
     * @throws BadInput if the address or the database cannot be used, or another cluster has its experiments
     */
    public static Fleet coordinator(Membership membership, Consumer<String> obituary) {
        JournalDatabase database = database(membership);
        ExperimentRows.requireReadable(database);
        CoordinatorLock lock = CoordinatorLock.take(database, membership.begins());
        try {
            return withExperiments(start(membership, database, ClusterNode.COORDINATOR, obituary), database, ExperimentSettings.CLUSTER,
                    lock::close);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static JournalDatabase database(Membership membership) {
        membership.deployed().requireSecrets(System.getenv());
        return JournalDatabase.open(address(membership.database(), System.getenv()));
    }

    private static ClusterNode start(Membership membership, JournalDatabase database, String role, Consumer<String> obituary) {
        ClusterNode node = ClusterNode.start(new ClusterSettings(membership.host(), membership.port(), membership.seeds(), Set.of(role),
                database.config(), true, membership.deployed().config()), obituary);
        membership.deployed().begin(node.system());
        return node;
    }

    /** @param url or null: the environment's */
    static DatabaseAddress address(String url, Map<String, String> environment) {
        Map<String, String> named = new HashMap<>(environment);
        if (url != null) {
            named.put(DatabaseAddress.URL, url);
        }
        DatabaseAddress address = DatabaseAddress.ofEnvironment(named);
        if (address == null) {
            throw new BadInput("a cluster needs a database that all its members reach; set " + DatabaseAddress.URL
                    + " or give --database jdbc:postgresql://HOST:PORT/DATABASE");
        }
        if (address.url().startsWith("jdbc:h2:")) {
            throw new BadInput("database " + address + ": a database in a file is for one JVM alone, which foliofleet run is; name a PostgreSQL");
        }
        return address;
    }

    private static Fleet withExperiments(ClusterNode node, JournalDatabase database, ExperimentSettings settings, Runnable atEnd) {
        ActorSystem<?> system = node.system();
        ClusterSharding sharding = ClusterSharding.get(system);
        return new Fleet(node, ClusterExperiments.init(system, settings, order -> sharding.entityRefFor(MACHINE, order.machine()).tell(order),
                new JournaledMachines(database), JvmMeters.of(system).registry()), atEnd);
    }

    /** The experiments; of members without, null. */
    public Experiments experiments() {
        return experiments;
    }

    public ActorSystem<?> system() {
        return node.system();
    }

    /** All meters of this JVM, as Prometheus reads them. */
    public String scrape() {
        return JvmMeters.of(system()).scrape();
    }

    /** {@code HOST:PORT} under which others join. */
    public String address() {
        return node.address();
    }

    /** Completes when the member has left, by whoever's will. */
    public CompletionStage<?> ended() {
        return node.system().getWhenTerminated();
    }

    @Override
    public void close() {
        node.close();
        atEnd.run();
    }
}
