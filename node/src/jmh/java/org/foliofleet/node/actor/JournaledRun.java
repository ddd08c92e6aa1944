package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/** The first machine of an experiment, with an actor for every owner, with or without a journal, for benchmarks. */
final class JournaledRun {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long BURST = 100_000;

    private final ExperimentSpec spec;
    private final MachineClass machines;
    private final WorkloadPlan workload;

    JournaledRun(ExperimentSpec spec) {
        this.spec = spec;
        machines = spec.machines().get(0);
        workload = WorkloadPlan.of(spec, machines, 0);
    }

    @Override
    public String toString() {
        return spec.name() + ", " + machines.name();
    }

    /**
     * What one life of the machine told.
     *
     * @param commits  in this life
     * @param epoch    of the last commit
     * @param wentOn   seconds until it went on, or began
     * @param seconds  from the beginning to the end of the life
     * @param finished whether the machine came to its end
     */
    record Life(long commits, long epoch, double wentOn, double seconds, boolean finished) {}

    private Machine boot() {
        return new LocalHost().boot(spec, machines, 0);
    }

    private static Behavior<MachineMessage> hosted(MachineParts parts) {
        return MachineClock.create(parts, PATIENCE);
    }

    /** Seconds that it takes without a journal. */
    double unjournaled() {
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), "benchmark");
        HostedMachine machine = new HostedMachine(system, hosted(boot().parts()));
        long last = spec.stop().nanos() < 0 ? Long.MAX_VALUE : spec.stop().nanos() / spec.tickNanos();
        long start = System.nanoTime();
        long tick = 0;
        for (boolean quiet = false; !quiet && tick < last;) {
            tick = Math.min(last, tick + BURST);
            RunReport report = machine.run(tick);
            if (report instanceof RunReport.Failed failed) {
                throw failed.cause();
            }
            quiet = report instanceof RunReport.Reached reached && reached.nextTick() == RunReport.NEVER;
        }
        double seconds = seconds(start);
        machine.close();
        end(system);
        return seconds;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static void end(ActorSystem<?> system) {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    /**
     * One life of the machine: from what the journal holds, to so many commits more, or to its end.
     *
     * @param millis of wall time between two commits
     */
    Life live(Config config, long millis, long commits) throws InterruptedException {
        Plan plan = new Plan("benchmark", () -> boot().parts(), parts -> parts.resume(workload), JournaledRun::hosted,
                StopRule.of(spec.stop(), workload), Execution.DEFAULT.epochTicks(), millis);
        LinkedBlockingQueue<Progress> told = new LinkedBlockingQueue<>();
        long start = System.nanoTime();
        ActorSystem<Void> system = ActorSystem.create(Behaviors.setup(context -> {
            ActorRef<Progress> listener = context.spawnAnonymous(Behaviors.receiveMessage(progress -> {
                told.add(progress);
                return Behaviors.same();
            }));
            context.spawnAnonymous(JournaledMachine.create(plan, listener));
            return Behaviors.empty();
        }), "benchmark", config);
        double wentOn = 0;
        long seen = 0;
        long epoch = 0;
        while (true) {
            Progress progress = told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (progress instanceof Progress.WentOn on) {
                wentOn = seconds(start);
                epoch = on.epoch();
            } else if (progress instanceof Progress.Epoch committed) {
                epoch = committed.epoch();
                seen++;
            } else if (!(progress instanceof Progress.Finished)) {
                throw new IllegalStateException("the machine does not go on: " + progress);
            }
            boolean finished = progress instanceof Progress.Finished;
            if (finished || seen >= commits) {
                double seconds = seconds(start);
                end(system);
                return new Life(seen, epoch, wentOn, seconds, finished);
            }
        }
    }

    /** Bytes of all rows of the journal. */
    static long bytes(Config config) throws SQLException {
        try (Connection connection = JournalDatabase.of(config).connect(); ResultSet sum = connection.createStatement().executeQuery(
                "select sum(octet_length(\"event_payload\")) from \"event_journal\"")) {
            sum.next();
            return sum.getLong(1);
        }
    }
}
