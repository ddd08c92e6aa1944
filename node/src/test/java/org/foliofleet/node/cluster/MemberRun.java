package org.foliofleet.node.cluster;

import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.ShardRegion;
import akka.cluster.sharding.typed.ClusterShardingQuery;
import akka.cluster.sharding.typed.GetShardRegionState;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.SelfUp;
import akka.cluster.typed.Subscribe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.Execution.Hosting;

/**
 * A JVM of a cluster. Its database is in its environment; arguments: role, host, seeds. A coordinator gives machines the orders that it hears,
 * again and again until they have done so, and tells what they say:
 * <pre>
 * run MACHINE FILE HOSTING LANES EPOCHTICKS COMMITMILLIS
 * pause MACHINE
 * here MACHINE       (told: here MACHINE, and whether)
 * leave
 * lose               (the next packet between lanes)
 * </pre>
 */
final class MemberRun {
    private static final EntityTypeKey<MachineOrder> MACHINES = EntityTypeKey.create(MachineOrder.class, MachineOrder.ENTITY_TYPE);
    private static final EntityTypeKey<MachineNews> EXPERIMENTS = EntityTypeKey.create(MachineNews.class, MachineNews.ENTITY_TYPE);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final int EXIT_REFUSED = 2;

    private final ClusterNode node;
    /** What machines shall do, as far as they have not done it. */
    private final Map<String, MachineOrder> orders = new ConcurrentHashMap<>();

    private MemberRun(ClusterNode node) {
        this.node = node;
    }

    public static void main(String[] arguments) {
        List<String> seeds = Arrays.asList(arguments).subList(2, arguments.length);
        ClusterNode node;
        try {
            ClusterSettings settings = new ClusterSettings(arguments[1], 0, seeds, Set.of(arguments[0]),
                    JournalDatabase.open(DatabaseAddress.ofEnvironment(System.getenv())).config(), true);
            node = ClusterNode.start(settings, obituary -> Told.tell("obituary " + obituary));
        } catch (BadInput e) {
            Told.tell("refused " + e.getMessage());
            System.exit(EXIT_REFUSED);
            return;
        }
        MemberRun member = new MemberRun(node);
        Told.endWithParent(member::hear);
        if (arguments[0].equals(ClusterNode.COORDINATOR)) {
            ClusterSharding.get(node.system()).init(Entity.of(EXPERIMENTS, entity -> member.listener()).withRole(ClusterNode.COORDINATOR));
        }
        node.system().systemActorOf(Behaviors.<SelfUp>setup(context -> {
            Cluster.get(context.getSystem()).subscriptions().tell(Subscribe.create(context.getSelf(), SelfUp.class));
            return Behaviors.receiveMessage(up -> {
                Told.tell("up " + node.address());
                return Behaviors.same();
            });
        }), "up", Props.empty());
        node.system().systemActorOf(member.repeater(), "repeater", Props.empty());
    }

    private Behavior<MachineNews> listener() {
        return Behaviors.receiveMessage(news -> {
            boolean over = news instanceof MachineNews.Ended || news instanceof MachineNews.Failed;
            orders.computeIfPresent(news.machine(), (machine, order) ->
                    over || news instanceof MachineNews.Paused && order instanceof MachineOrder.Pause ? null : order);
            Told.tell(news.machine() + " " + line(news));
            return Behaviors.same();
        });
    }

    private static String line(MachineNews news) {
        if (news instanceof MachineNews.Running running) {
            return "running " + running.incarnation() + " " + running.epoch() + " " + running.tick() + " " + running.digest();
        } else if (news instanceof MachineNews.SteppedBack back) {
            return "steppedback " + back.incarnation() + " " + back.epoch() + " " + back.cause();
        } else if (news instanceof MachineNews.Waiting waiting) {
            return "waiting " + waiting.cause();
        } else if (news instanceof MachineNews.Paused paused) {
            return "paused " + paused.epoch() + " " + paused.tick() + " " + paused.digest();
        } else if (news instanceof MachineNews.Ended ended) {
            return "ended " + ended.tick() + " " + ended.digest();
        }
        return "failed " + ((MachineNews.Failed) news).reason();
    }

    private enum Again { AGAIN }

    /** Whoever has been ordered to run may have lost its JVM. */
    private Behavior<Again> repeater() {
        return Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Again.AGAIN, AGAIN);
            return Behaviors.receiveMessage(again -> {
                orders.values().forEach(this::send);
                return Behaviors.same();
            });
        });
    }

    private void give(MachineOrder order) {
        orders.put(order.machine(), order);
        send(order);
    }

    private void send(MachineOrder order) {
        ClusterSharding.get(node.system()).entityRefFor(MACHINES, order.machine()).tell(order);
    }

    private void hear(String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "run" -> {
                MachineOrder.EnsureRunning order = new MachineOrder.EnsureRunning(words[1], source(Path.of(words[2])), new Execution(
                        Hosting.valueOf(words[3].toUpperCase(Locale.ROOT)), Integer.parseInt(words[4]), Long.parseLong(words[5]),
                        Long.parseLong(words[6]), 0, false));
                give(order);
            }
            case "pause" -> give(new MachineOrder.Pause(words[1]));
            case "here" -> tellWhetherHere(words[1]);
            case "lose" -> LossySerializer.lose();
            case "leave" -> node.close();
            default -> throw new IllegalArgumentException(line);
        }
    }

    private void tellWhetherHere(String machine) {
        AskPattern.<ClusterShardingQuery, ShardRegion.CurrentShardRegionState>ask(ClusterSharding.get(node.system()).shardState(),
                replyTo -> new GetShardRegionState(MACHINES, replyTo), AGAIN, node.system().scheduler()).whenComplete((state, failure) ->
                        Told.tell("here " + machine + " " + (state != null && state.getShards().stream()
                                .anyMatch(shard -> shard.getEntityIds().contains(machine)))));
    }

    private static ExperimentSource source(Path file) {
        try {
            return new ExperimentSource(file.getFileName().toString(), Files.readString(file), null, Map.of(), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
