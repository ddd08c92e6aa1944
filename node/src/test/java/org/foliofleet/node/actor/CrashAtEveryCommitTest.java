package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.local.LocalMachine;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.random.RecordedProgram;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whenever a machine is cut off, it goes on from its last commit and ends as if nothing had happened. Method: random
 * programs and experiments on an H2 file; everything is ended after every commit, when the epoch after it has begun; hosting
 * changes each time.
 * {@code -Dseed=N} for one program.
 */
class CrashAtEveryCommitTest {
    private static final Long ONLY = Long.getLong("seed");
    private static final int PROGRAMS = 3;
    private static final int EPOCHS = 5;

    @TempDir
    Path directory;

    /** A hosting whose machine commits once, runs on, and says no more. */
    private static Function<MachineParts, Behavior<MachineMessage>> hosting(long turn) {
        return parts -> OneCommit.of(turn % 2 == 0 ? MachineActor.create(parts)
                : MachineClock.create(parts, Duration.ofSeconds(30)));
    }

    private static Plan plan(RecordedProgram program, long turn) {
        return new Plan("m" + program.seed(), program::toParts, UnaryOperator.identity(), hosting(turn), Math.max(1, program.lastTick() / EPOCHS), 0);
    }

    /** One life of a machine, in an actor system of its own. */
    private static final class Life implements AutoCloseable {
        private final LinkedBlockingQueue<Progress> told = new LinkedBlockingQueue<>();
        private final ActorSystem<Void> system;

        Life(Plan plan, Config config) {
            system = ActorSystem.create(Behaviors.setup(context -> {
                ActorRef<Progress> listener = context.spawnAnonymous(Behaviors.receiveMessage(progress -> {
                    told.add(progress);
                    return Behaviors.same();
                }));
                context.spawnAnonymous(JournaledMachine.create(plan, listener));
                return Behaviors.empty();
            }), "life", config);
        }

        Progress next() throws InterruptedException {
            Progress progress = told.poll(60, TimeUnit.SECONDS);
            assertNotNull(progress, "the machine tells nothing");
            return progress;
        }

        /** Lets it run until it tells of something of that kind. */
        <T extends Progress> T until(Class<T> kind) throws InterruptedException {
            Progress progress = next();
            while (!kind.isInstance(progress)) {
                Progress its = progress;
                assertTrue(!(its instanceof Progress.Failed) && !(its instanceof Progress.Finished), () -> "unexpected: " + its);
                progress = next();
            }
            return kind.cast(progress);
        }

        @Override
        public void close() {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    @Test
    void aMachineThatIsCutOffAfterEveryCommitEndsAsIfNothingHadHappened() throws Exception {
        for (long seed = ONLY != null ? ONLY : 1; seed <= (ONLY != null ? ONLY : PROGRAMS); seed++) {
            RecordedProgram program = RecordedProgram.of(seed);
            Machine undisturbed = new Machine(program.toParts());
            undisturbed.runUntilQuiet();
            assertEndsAs(undisturbed, "seed" + seed, turn -> plan(program, turn), "replay with -Dtest=CrashAtEveryCommitTest -Dseed=" + seed);
        }
    }

    private Progress.Finished assertEndsAs(Machine undisturbed, String file, LongFunction<Plan> plan, String what) throws InterruptedException {
        Config config = JournalDatabase.h2(directory.resolve(file));
        long committed = 0;
        long lives = 0;
        Progress progress;
        do {
            lives++;
            try (Life life = new Life(plan.apply(lives), config)) {
                Progress.WentOn from = life.until(Progress.WentOn.class);
                assertEquals(lives, from.incarnation(), what);
                assertTrue(from.epoch() >= committed, what);
                progress = life.next();
                committed = progress instanceof Progress.Epoch epoch ? epoch.epoch() : committed;
            }
        } while (progress instanceof Progress.Epoch);
        Progress.Finished finished = assertInstanceOf(Progress.Finished.class, progress, what);
        assertEquals(undisturbed.tick(), finished.tick(), what);
        assertEquals(undisturbed.digest(), finished.digest(), what);
        assertTrue(lives > 3, () -> "hardly any crash; " + what);
        return finished;
    }

    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries"})
    void anExperimentThatIsCutOffAfterEveryCommitEndsAsIfNothingHadHappened(String name) throws Exception {
        ExperimentSpec spec = SpecLoader.bundled(name);
        MachineClass machines = spec.machines().get(0);
        Machine undisturbed = new LocalHost().boot(spec, machines, 0);
        WorkloadPlan workload = WorkloadPlan.of(spec, machines, 0);
        LocalMachine machine = new LocalMachine(undisturbed, workload, spec.stop());
        machine.run(Long.MAX_VALUE);
        Progress.Finished finished = assertEndsAs(undisturbed, name, turn -> new Plan(name, () -> new LocalHost().boot(spec, machines, 0).parts(),
                parts -> parts.resume(workload), hosting(turn), StopRule.of(spec.stop(), workload), undisturbed.tick() / EPOCHS, 0), name);
        assertEquals(machine.result(), finished.result());
    }
}
