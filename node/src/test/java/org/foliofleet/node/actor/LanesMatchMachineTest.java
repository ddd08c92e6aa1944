package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.foliofleet.node.actor.ProgramOnHost.Host;
import org.foliofleet.node.actor.ProgramOnHost.Result;
import org.foliofleet.node.journal.RowSet;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.node.mm.random.RecordedProgram;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a machine does the same over however many lanes and systems it is spread. Method: random programs and experiments
 * on one thread and over three lanes, in one actor system and in three that Artery connects; every commit is made into a
 * machine whose digest is compared. {@code -Dprograms=1000} for more, {@code -Dseed=N} for one.
 */
class LanesMatchMachineTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 24);
    private static final Long ONLY = Long.getLong("seed");
    private static final int LANES = 3;
    private static final int LOOKS = 4;
    private static final int TICKS_PER_LOOK = 60;

    /** When commits are made. */
    private enum Cadence { NEVER, AT_LOOKS, WHILE_RUNNING }

    /** A machine over lanes, and what a journal would have of it. */
    private static final class LanesHost implements Host, AutoCloseable {
        private final Spread.Running running;
        private final Cadence cadence;
        private final TreeMap<Long, OwnerRow> rows = new TreeMap<>();
        private final TreeSet<Long> image = new TreeSet<>();
        private int images;

        LanesHost(Spread spread, RecordedProgram program, Cadence cadence) {
            this.cadence = cadence;
            running = spread.start("m" + program.seed(), MachineParts.of(program.start()), LANES);
        }

        private void commit() {
            MachineChanges changes = running.machine().commit();
            if (changes.all()) {
                rows.clear();
            }
            changes.gone().forEach(rows::remove);
            changes.changed().forEach(row -> rows.put(row.owner(), row));
            image(changes);
            MachineParts parts = new RowSet(new ArrayList<>(rows.values()), changes.rest()).toParts();
            assertEquals(changes.digest(), new Machine(parts).digest(), "what the journal has is the machine");
        }

        /** From the first slice to the last, all owners are written again, as they are. */
        private void image(MachineChanges changes) {
            if (changes.slice().first()) {
                image.clear();
            }
            changes.slice().rows().forEach(row -> assertArrayEquals(rows.get(row.owner()).state(), row.state(), "it has not changed"));
            Stream.concat(changes.changed().stream(), changes.slice().rows().stream()).forEach(row -> image.add(row.owner()));
            image.removeAll(changes.gone());
            if (changes.slice().last()) {
                assertEquals(rows.keySet(), image);
                images++;
            }
        }

        @Override
        public void runUntil(long tick) {
            if (cadence == Cadence.WHILE_RUNNING) {
                running.machine().runMeanwhile(tick, this::commit);
            } else {
                running.machine().runWell(tick);
            }
        }

        @Override
        public void submit(RecordedProgram.Submission submission) {
            running.machine().submit(submission.to(), submission.command());
        }

        @Override
        public String digest() {
            if (cadence == Cadence.AT_LOOKS) {
                commit();
            }
            return running.machine().digest();
        }

        @Override
        public List<Answer> takeAnswers() {
            return running.machine().takeAnswers();
        }

        @Override
        public byte[] snapshot() {
            return running.machine().snapshot();
        }

        @Override
        public void close() {
            running.close();
        }
    }

    private static void compare(Spread spread, long seed) {
        Cadence cadence = Cadence.values()[(int) (seed % Cadence.values().length)];
        try {
            RecordedProgram program = RecordedProgram.of(seed);
            Result expected = ProgramOnHost.onOneThread(program);
            try (LanesHost host = new LanesHost(spread, program, cadence)) {
                Result actual = ProgramOnHost.run(program, host);
                assertEquals(expected.digests(), actual.digests());
                assertEquals(expected.answers(), actual.answers());
                assertArrayEquals(expected.state(), actual.state());
                assertTrue(cadence == Cadence.NEVER || host.images > 1, "no image was whole");
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("commits " + cadence + ", replay with: mvn -o -q -pl node -am test -Dtest=LanesMatchMachineTest -Dseed="
                    + seed + "\n" + e.getMessage(), e);
        }
    }

    private static void compareAll(Spread systems) {
        try (Spread spread = systems) {
            for (long seed = ONLY != null ? ONLY : 1; seed <= (ONLY != null ? ONLY : PROGRAMS); seed++) {
                compare(spread, seed);
            }
        }
    }

    @Test
    void threeLanesInOneSystemDoTheSame() {
        compareAll(Spread.local());
    }

    @Test
    void threeLanesInThreeSystemsDoTheSame() {
        compareAll(Spread.remote(LANES));
    }

    /** Experiments run by themselves, many ticks at a time; between two looks the number of lanes changes. */
    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries", "refcount-limit-small", "fork-cow-storm"})
    void bundledExperimentsDoTheSameOverLanes(String name) {
        ExperimentSpec spec = SpecLoader.bundled(name);
        MachineClass machines = spec.machines().get(0);
        WorkloadPlan plan = WorkloadPlan.of(spec, machines, 0);
        Machine expected = new LocalHost().boot(spec, machines, 0);
        try (Spread spread = Spread.remote(2)) {
            byte[] state = expected.snapshot();
            for (int look = 0; look < LOOKS; look++) {
                for (int step = 0; step < TICKS_PER_LOOK; step++) {
                    expected.step();
                }
                try (Spread.Running running = spread.start(name + look, MachineParts.of(state).resume(plan), look + 1)) {
                    running.machine().runWell(expected.tick());
                    assertEquals(expected.digest(), running.machine().digest(), name);
                    state = running.machine().snapshot();
                    assertArrayEquals(expected.snapshot(), state, name);
                }
            }
        }
    }
}
