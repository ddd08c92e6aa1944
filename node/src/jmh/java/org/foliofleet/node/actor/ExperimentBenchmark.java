package org.foliofleet.node.actor;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.SpawnProtocol;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.Locale;
import javax.management.JMException;
import javax.management.ObjectName;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.SpecLoader;

/**
 * What the machines of an experiment take under one hosting, without a journal: time, messages and heap;
 * with {@code -Dhistogram=true} also what the heap consists of. {@code java -cp
 * node/target/benchmarks.jar org.foliofleet.node.actor.ExperimentBenchmark bare|machine|owner NAME|FILE.yaml [CLASS]}.
 */
public final class ExperimentBenchmark {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final long BURST = 100_000;

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
        runInBursts(hosted, lastTick);
        report(machines, hosting, start, -1, "");
        long digest = System.nanoTime();
        System.out.println(String.format(Locale.ROOT, "  digest %s, computed in %.1f s", hosted.digest(),
                (System.nanoTime() - digest) / 1e9));
        hosted.close();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    /** Each word waits for its answer, but not for ever. */
    private static void runInBursts(HostedMachine machine, long lastTick) {
        for (long tick = 0; tick < lastTick;) {
            tick = Math.min(lastTick, tick + BURST);
            RunReport report = machine.run(tick);
            if (report instanceof RunReport.Failed failed) {
                throw failed.cause();
            }
            if (report instanceof RunReport.Reached reached && reached.nextTick() == RunReport.NEVER) {
                return;
            }
        }
    }

    private static void report(MachineClass machines, String hosting, long start, long messages, String digest) {
        double seconds = (System.nanoTime() - start) / 1e9;
        double processor = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e9;
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        if (Boolean.getBoolean("histogram")) {
            histogram();
        }
        System.gc();
        long live = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.println(String.format(Locale.ROOT, "%s, %s: %.1f s, %.1f s of processor time%s, heap %.2f GiB at its peak, %.2f GiB alive %s", machines.name(), hosting,
                seconds, processor, messages < 0 ? "" : String.format(Locale.ROOT, ", %.2f M messages/s", messages / seconds / 1e6), peak / 0x1p30,
                live / 0x1p30, digest));
    }

    /** The classes that take most of the heap. */
    private static void histogram() {
        try {
            Object text = ManagementFactory.getPlatformMBeanServer().invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram", new Object[] {new String[0]}, new String[] {String[].class.getName()});
            text.toString().lines().limit(40).forEach(System.out::println);
        } catch (JMException e) {
            throw new IllegalStateException("this JVM gives no histogram", e);
        }
    }
}
