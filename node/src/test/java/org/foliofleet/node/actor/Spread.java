package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiFunction;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.machine.MachineParts;

/** Actor systems, and machines with a lane in each. */
final class Spread implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<ActorSystem<SpawnProtocol.Command>> systems = new ArrayList<>();

    /** One system for all lanes. */
    static Spread local() {
        Spread spread = new Spread();
        spread.systems.add(ActorSystem.create(SpawnProtocol.create(), "lanes"));
        return spread;
    }

    /** Systems that know each other by Artery over loopback. */
    static Spread remote(int systems) {
        Config config = ConfigFactory.parseString("akka { loglevel = ERROR, actor.provider = remote, remote.artery.canonical { hostname = \"127.0.0.1\", port = 0 } }")
                .withFallback(ConfigFactory.load());
        Spread spread = new Spread();
        for (int i = 0; i < systems; i++) {
            spread.systems.add(ActorSystem.create(SpawnProtocol.create(), "lanes", config));
        }
        return spread;
    }

    /** A machine that runs, and what its lanes have told. */
    record Running(HostedMachine machine, LinkedBlockingQueue<LaneNews> news, List<ActorRef<MachineMessage>> lanes) implements AutoCloseable {
        @Override
        public void close() {
            machine.close();
        }
    }

    Running start(String name, MachineParts parts, int lanes) {
        return start(name, 1, parts.split(new Lanes(lanes)), PATIENCE, (lane, behavior) -> behavior);
    }

    /** @param change to the behavior of each lane */
    Running start(String name, long incarnation, List<MachineParts> parts, Duration patience,
            BiFunction<Integer, Behavior<MachineMessage>, Behavior<MachineMessage>> change) {
        return start(parts.size(), (lane, host) -> change.apply(lane, MachineClock.lane(new LaneName(name, incarnation, lane, parts.size()),
                parts.get(lane), patience, EventSink.NONE, host)));
    }

    /** @param clock of a lane, that tells its host */
    Running start(int count, BiFunction<Integer, ActorRef<LaneNews>, Behavior<MachineMessage>> clock) {
        LinkedBlockingQueue<LaneNews> news = new LinkedBlockingQueue<>();
        List<ActorRef<MachineMessage>> lanes = new ArrayList<>();
        for (int lane = 0; lane < count; lane++) {
            ActorSystem<SpawnProtocol.Command> system = system(lane);
            ActorRef<LaneNews> host = spawn(system, Behaviors.receiveMessage(each -> {
                news.add(each);
                return Behaviors.same();
            }));
            lanes.add(spawn(system, clock.apply(lane, host)));
        }
        for (int lane = 0; lane < lanes.size(); lane++) {
            lanes.get(lane).tell(new MachineMessage.Connect(seenFrom(system(lane), lanes)));
        }
        return new Running(new HostedMachine(system(0), lanes.get(0)), news, lanes);
    }

    ActorSystem<SpawnProtocol.Command> system(int lane) {
        return systems.get(lane % systems.size());
    }

    private List<ActorRef<MachineMessage>> seenFrom(ActorSystem<?> system, List<ActorRef<MachineMessage>> lanes) {
        List<ActorRef<MachineMessage>> seen = new ArrayList<>();
        for (int lane = 0; lane < lanes.size(); lane++) {
            String address = ActorRefResolver.get(system(lane)).toSerializationFormat(lanes.get(lane));
            seen.add(ActorRefResolver.get(system).resolveActorRef(address));
        }
        return seen;
    }

    private static <T> ActorRef<T> spawn(ActorSystem<SpawnProtocol.Command> system, Behavior<T> behavior) {
        return AskPattern.ask(system, (ActorRef<ActorRef<T>> replyTo) -> new SpawnProtocol.Spawn<>(behavior, "", Props.empty(), replyTo),
                PATIENCE, system.scheduler()).toCompletableFuture().join();
    }

    @Override
    public void close() {
        systems.forEach(ActorSystem::terminate);
        systems.forEach(system -> system.getWhenTerminated().toCompletableFuture().join());
    }
}
