package org.foliofleet.node.cluster;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;

/**
 * One JVM of a cluster: its actor system. Members of role {@value #NODE} run machines. It leaves in good order when the JVM
 * is asked to end; when the others have given it up, it ends itself.
 */
public final class ClusterNode implements AutoCloseable {
    /** Runs machines. */
    public static final String NODE = "node";
    /** Keeps experiments. */
    public static final String COORDINATOR = "coordinator";
    /** Name of the actor system, in all addresses. */
    public static final String SYSTEM = "foliofleet";

    private final ActorSystem<SpawnProtocol.Command> system;

    private ClusterNode(ActorSystem<SpawnProtocol.Command> system) {
        this.system = system;
    }

    /**
     * Starts the actor system and begins to join; returns at once.
     *
     * @param obituary is told in one sentence if the JVM does not leave by its own will
     * @throws BadInput if the port is taken, or the host is not this one
     */
    public static ClusterNode start(ClusterSettings settings, Consumer<String> obituary) {
        requireFree(settings.host(), settings.port());
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), SYSTEM, settings.toConfig());
        ClusterNode node = new ClusterNode(system);
        node.tellOfDeath(obituary);
        if (!settings.roles().contains(COORDINATOR)) {
            ClusterSharding.get(system).init(Entity.of(EntityTypeKey.create(MachineNews.class, MachineNews.ENTITY_TYPE),
                    entity -> Behaviors.<MachineNews>empty()).withRole(COORDINATOR));
        }
        MachineEntity.init(system);
        LaneEntity.init(system);
        LostWatches.init(system);
        if (settings.begins()) {
            Cluster cluster = Cluster.get(system);
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        }
        return node;
    }

    /** Tries the port before the actor system does, which would log at length. */
    private static void requireFree(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException | IllegalArgumentException e) {
            throw new BadInput(host + ":" + port + " cannot be used: " + e.getMessage() + "; end what uses it, or name another host or port");
        }
    }

    private void tellOfDeath(Consumer<String> obituary) {
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
        shutdown.addTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), "obituary", () -> {
            Optional<CoordinatedShutdown.Reason> reason = shutdown.getShutdownReason();
            if (reason.isPresent() && reason.get() == CoordinatedShutdown.clusterDowningReason()) {
                obituary.accept("the other members of the cluster could not reach this one and go on without it; start it again");
            } else if (reason.isPresent() && reason.get() == CoordinatedShutdown.clusterJoinUnsuccessfulReason()) {
                obituary.accept("no member of the cluster answers at its seeds");
            }
            return CompletableFuture.completedFuture(Done.getInstance());
        });
    }

    /** The actor system; its guardian spawns what it is asked to. */
    public ActorSystem<SpawnProtocol.Command> system() {
        return system;
    }

    /** Passes an order on to its machine, wherever in the cluster that is; it may get lost on the way. */
    public void order(MachineOrder order) {
        MachineEntity.of(system, order.machine()).tell(order);
    }

    /** {@code HOST:PORT} under which others join it. */
    public String address() {
        akka.actor.Address address = Cluster.get(system).selfMember().address();
        return address.getHost().orElseThrow() + ":" + address.getPort().orElseThrow();
    }

    /** Leaves the cluster: machines commit and go on elsewhere. Ends when the actor system has. */
    @Override
    public void close() {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }
}
