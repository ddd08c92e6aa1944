package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.time.Duration;
import java.util.List;
import org.foliofleet.node.actor.ProgramOnHost.Host;
import org.foliofleet.node.actor.ProgramOnHost.Result;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.random.RecordedProgram;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a machine does the same whoever hosts it. Method: random programs on one thread, with all owners in one actor,
 * with an actor for every owner, and changing between these; digests are compared on the way and at the end, with all
 * answers and every byte of the state. {@code -Dprograms=1000} for more, {@code -Dseed=N} for one.
 */
class ActorsMatchMachineTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 60);
    private static final Long ONLY = Long.getLong("seed");
    private static final int LOOKS = 5;
    private static final int TICKS_PER_LOOK = 60;

    private static ActorSystem<SpawnProtocol.Command> system;

    @BeforeAll
    static void start() {
        system = ActorSystem.create(SpawnProtocol.create(), "machines");
    }

    @AfterAll
    static void end() {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    /** How machines are hosted; the last changes the hosting with every look. */
    private enum Hosting { MACHINE, OWNER, CHANGING }

    private static HostedMachine host(Hosting hosting, MachineParts parts, boolean odd) {
        boolean owner = hosting == Hosting.OWNER || hosting == Hosting.CHANGING && odd;
        return new HostedMachine(system, owner ? MachineClock.create(parts, Duration.ofSeconds(20)) : MachineActor.create(parts));
    }

    private static final class ActorHost implements Host, AutoCloseable {
        private final Hosting hosting;
        private HostedMachine machine;
        private int looks;

        ActorHost(Hosting hosting, byte[] start) {
            this.hosting = hosting;
            machine = host(hosting, MachineParts.of(start), true);
        }

        @Override
        public void runUntil(long tick) {
            machine.runWell(tick);
        }

        @Override
        public void submit(RecordedProgram.Submission submission) {
            machine.submit(submission.to(), submission.command());
        }

        @Override
        public String digest() {
            if (hosting == Hosting.CHANGING) {
                byte[] state = machine.snapshot();
                machine.close();
                machine = host(hosting, MachineParts.of(state), looks++ % 2 == 1);
            }
            return machine.digest();
        }

        @Override
        public List<Answer> takeAnswers() {
            return machine.takeAnswers();
        }

        @Override
        public byte[] snapshot() {
            return machine.snapshot();
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    private static void compare(long seed, Hosting hosting) {
        String replay = "replay with: mvn -o -q -pl node -am test -Dtest=ActorsMatchMachineTest -Dseed=" + seed;
        try {
            RecordedProgram program = RecordedProgram.of(seed);
            Result expected = ProgramOnHost.onOneThread(program);
            try (ActorHost host = new ActorHost(hosting, program.start())) {
                Result actual = ProgramOnHost.run(program, host);
                assertEquals(expected.digests(), actual.digests());
                assertEquals(expected.answers(), actual.answers());
                assertArrayEquals(expected.state(), actual.state());
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(replay + "\n" + e.getMessage(), e);
        }
    }

    private static void compareAll(Hosting hosting) {
        for (long seed = ONLY != null ? ONLY : 1; seed <= (ONLY != null ? ONLY : PROGRAMS); seed++) {
            compare(seed, hosting);
        }
    }

    @Test
    void aMachineInOneActorDoesTheSame() {
        compareAll(Hosting.MACHINE);
    }

    @Test
    void aMachineOfActorsDoesTheSame() {
        compareAll(Hosting.OWNER);
    }

    @Test
    void aMachineMayChangeItsHostingAtAnyTime() {
        compareAll(Hosting.CHANGING);
    }

    /** Experiments run by themselves, many ticks at a time. */
    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries", "refcount-limit-small", "fork-cow-storm"})
    void bundledExperimentsDoTheSameUnderEveryHosting(String name) {
        ExperimentSpec spec = SpecLoader.bundled(name);
        for (MachineClass machines : spec.machines()) {
            Machine expected = new LocalHost().boot(spec, machines, 0);
            WorkloadPlan plan = WorkloadPlan.of(spec, machines, 0);
            HostedMachine one = host(Hosting.MACHINE, new LocalHost().boot(spec, machines, 0).parts(), false);
            HostedMachine many = host(Hosting.OWNER, new LocalHost().boot(spec, machines, 0).parts(), false);
            for (int look = 0; look < LOOKS; look++) {
                for (int step = 0; step < TICKS_PER_LOOK; step++) {
                    expected.step();
                }
                one.runWell(expected.tick());
                many.runWell(expected.tick());
                assertEquals(expected.digest(), one.digest(), name);
                assertEquals(expected.digest(), many.digest(), name);
                byte[] state = many.snapshot();
                assertArrayEquals(expected.snapshot(), state, name);
                many.close();
                many = host(Hosting.OWNER, MachineParts.of(state).resume(plan), false);
            }
            one.close();
            many.close();
        }
    }
}
