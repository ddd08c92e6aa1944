package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AskPattern;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import org.foliofleet.node.bench.Ring;
import org.foliofleet.node.mm.machine.Machine;

/**
 * Owner messages per second by hosting, with all owners active, and their ratios, measured in turns in one run:
 * {@code java -cp node/target/benchmarks.jar org.foliofleet.node.actor.HostingBenchmark}.
 */
public final class HostingBenchmark {
    private static final int[] OWNERS = {1_000, 10_000};
    private static final int PROCESSES = 16;
    private static final int ROUNDS = 7;
    private static final long MESSAGES_PER_ROUND = 2_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private HostingBenchmark() {}

    /** Runs a machine for some ticks. */
    private interface Subject {
        void runUntil(long tick);

        default void end() {}
    }

    /** A machine in an actor system of its own. */
    private static final class Hosted implements Subject {
        private final ActorSystem<MachineMessage> system;

        Hosted(Behavior<MachineMessage> machine) {
            system = ActorSystem.create(machine, "machine");
        }

        @Override
        public void runUntil(long tick) {
            Function<ActorRef<RunReport>, MachineMessage> run = replyTo -> new MachineMessage.Run(tick, replyTo);
            RunReport report = AskPattern.ask(system, run::apply, PATIENCE, system.scheduler()).toCompletableFuture().join();
            if (!(report instanceof RunReport.Reached)) {
                throw new IllegalStateException(report.toString());
            }
        }

        @Override
        public void end() {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    /** Messages per second by the clock on the wall, and per second of processor time of the whole JVM. */
    private record Rate(double wall, double processor) {}

    /** The best of some rounds. */
    private static Rate rate(int owners, Supplier<Subject> make) {
        OperatingSystemMXBean jvm = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Subject subject = make.get();
        long ticks = MESSAGES_PER_ROUND / owners;
        double wall = 0;
        double processor = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            long start = System.nanoTime();
            long startProcessor = jvm.getProcessCpuTime();
            subject.runUntil(round * ticks);
            wall = Math.max(wall, 1e9 * ticks * owners / (System.nanoTime() - start));
            processor = Math.max(processor, 1e9 * ticks * owners / (jvm.getProcessCpuTime() - startProcessor));
        }
        subject.end();
        return new Rate(wall, processor);
    }

    private static void print(String what, Rate rate, Rate of) {
        System.out.println(String.format(Locale.ROOT, "  %-38s %6.2f M/s %4.0f %%   %6.2f M per processor second %4.0f %%", what,
                rate.wall / 1e6, 100 * rate.wall / of.wall, rate.processor / 1e6, 100 * rate.processor / of.processor));
    }

    public static void main(String[] arguments) {
        for (int owners : OWNERS) {
            Rate bare = rate(owners, () -> {
                Machine machine = Ring.machine(owners, PROCESSES);
                return machine::runUntil;
            });
            Rate machine = rate(owners, () -> new Hosted(MachineActor.create(Ring.machine(owners, PROCESSES).parts())));
            Rate empty = rate(owners, () -> new Hosted(MachineClock.create(Ring.machine(owners, PROCESSES).parts(), PATIENCE,
                    owner -> EmptyHandlers.create(owner, owners, PROCESSES))));
            Rate owner = rate(owners, () -> new Hosted(MachineClock.create(Ring.machine(owners, PROCESSES).parts(), PATIENCE)));
            System.out.println(owners + " owners, all active");
            print("bare Machine", bare, bare);
            print("hosting machine, of the bare Machine", machine, bare);
            print("hosting owner with empty handlers", empty, empty);
            print("hosting owner, of empty handlers", owner, empty);
        }
    }
}
