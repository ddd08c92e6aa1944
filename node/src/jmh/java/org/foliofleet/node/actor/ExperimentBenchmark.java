package org.foliofleet.node.actor;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.SpawnProtocol;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.Locale;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.SpecLoader;

/**
 * What the machines of an experiment take under one hosting, without a journal: time, messages and heap. {@code java -cp
 * node/target/benchmarks.jar org.foliofleet.node.actor.ExperimentBenchmark bare|machine|owner NAME|FILE.yaml [CLASS]}.
 */
public final class ExperimentBenchmark {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private ExperimentBenchmark() {}

    public static void main(String[] arguments) {
        ExperimentSpec spec = SpecLoader.load(arguments[1]);
        for (MachineClass machines : spec.machines()) {
            if (arguments.length < 3 || arguments[2].equals(machines.name())) {
                run(arguments[0], spec, machines);
            }
        }
    }

    private static void run(String hosting, ExperimentSpec spec, MachineClass machines) {
        Machine machine = new LocalHost().boot(spec, machines, 0);
        long lastTick = spec.stop().nanos() < 0 ? Long.MAX_VALUE : spec.stop().nanos() / spec.tickNanos();
        long start = System.nanoTime();
        if (hosting.equals("bare")) {
            machine.runUntil(lastTick);
            report(machines, hosting, start, machine.messages(), machine.digest());
            return;
        }
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), "experiment");
        Behavior<MachineMessage> behavior = hosting.equals("machine") ? MachineActor.create(machine.parts())
                : MachineClock.create(machine.parts(), PATIENCE);
        HostedMachine hosted = new HostedMachine(system, behavior);
        hosted.runWell(lastTick);
        report(machines, hosting, start, -1, "");
        long digest = System.nanoTime();
        System.out.println(String.format(Locale.ROOT, "  digest %s, computed in %.1f s", hosted.digest(),
                (System.nanoTime() - digest) / 1e9));
        hosted.close();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    private static void report(MachineClass machines, String hosting, long start, long messages, String digest) {
        double seconds = (System.nanoTime() - start) / 1e9;
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        System.gc();
        long live = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.println(String.format(Locale.ROOT, "%s, %s: %.1f s%s, heap %.2f GiB at its peak, %.2f GiB alive %s", machines.name(), hosting,
                seconds, messages < 0 ? "" : String.format(Locale.ROOT, ", %.2f M messages/s", messages / seconds / 1e6), peak / 0x1p30,
                live / 0x1p30, digest));
    }
}
