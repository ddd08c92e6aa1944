package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.foliofleet.node.bench.Ring;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.machine.MachineParts;

/**
 * Ticks and owner messages per second of a machine over one to three lanes, each in an actor system of its own, which Artery
 * connects over loopback as it would JVMs:
 * {@code java -cp node/target/benchmarks.jar org.foliofleet.node.actor.LanesBenchmark}. With one owner active, a tick is the barrier.
 */
public final class LanesBenchmark {
    private static final int[] OWNERS = {1, 1_000, 10_000};
    private static final int PROCESSES = 16;
    private static final int ROUNDS = 4;
    private static final long MESSAGES_PER_ROUND = 600_000;
    private static final long MOST_TICKS_PER_ROUND = 6_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String REMOTE = "akka { loglevel = ERROR, actor.provider = remote, "
            + "remote.artery.canonical { hostname = \"127.0.0.1\", port = 0 } }";

    private LanesBenchmark() {}

    private static void run(int owners, int lanes) {
        Config config = ConfigFactory.parseString(REMOTE).withFallback(ConfigFactory.load());
        List<MachineParts> parts = Ring.machine(owners, PROCESSES).parts().split(new Lanes(lanes));
        List<ActorSystem<MachineMessage>> systems = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            systems.add(ActorSystem.create(MachineClock.lane(new LaneName("ring", 1, lane, lanes), parts.get(lane), PATIENCE, EventSink.NONE,
                    null), "lane", config));
        }
        for (ActorSystem<MachineMessage> system : systems) {
            List<ActorRef<MachineMessage>> seen = new ArrayList<>();
            systems.forEach(other -> seen.add(ActorRefResolver.get(system).resolveActorRef(
                    ActorRefResolver.get(other).toSerializationFormat(other))));
            system.tell(new MachineMessage.Connect(seen));
        }
        measure(owners, lanes, systems.get(0));
        systems.forEach(ActorSystem::terminate);
        systems.forEach(system -> system.getWhenTerminated().toCompletableFuture().join());
    }

    private static void measure(int owners, int lanes, ActorSystem<MachineMessage> first) {
        OperatingSystemMXBean jvm = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long ticks = Math.min(MOST_TICKS_PER_ROUND, MESSAGES_PER_ROUND / owners);
        double wall = 0;
        double processor = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            long start = System.nanoTime();
            long startProcessor = jvm.getProcessCpuTime();
            long until = round * ticks;
            RunReport report = AskPattern.ask(first, (ActorRef<RunReport> replyTo) -> new MachineMessage.Run(until, replyTo), PATIENCE,
                    first.scheduler()).toCompletableFuture().join();
            if (!(report instanceof RunReport.Reached)) {
                throw new IllegalStateException(report.toString());
            }
            wall = Math.max(wall, 1e9 * ticks / (System.nanoTime() - start));
            processor = Math.max(processor, 1e9 * ticks / (jvm.getProcessCpuTime() - startProcessor));
        }
        System.out.println(String.format(Locale.ROOT, "%6d owners, %d lanes: %8.0f ticks/s, %8.0f per processor second; %6.2f M messages/s, "
                + "%6.2f per processor second", owners, lanes, wall, processor, wall * owners / 1e6, processor * owners / 1e6));
    }

    public static void main(String[] arguments) {
        for (int owners : OWNERS) {
            for (int lanes = 1; lanes <= 3; lanes++) {
                run(owners, lanes);
            }
        }
    }
}
