package org.foliofleet.node.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.node.workload.ExperimentRunner.Progress;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: equal runs are called equal, and where runs part is named. Method: bundled experiments on actors; twins from which
 * one message, known to cause an event, is taken in one tick.
 */
class DeterminismCheckTest {
    private static final ExperimentSpec WRITING = SpecLoader.read("""
        version: 1
        name: writing
        machines:
          - name: host
            count: 2
            nodes: [{memory: 64MiB}]
            processes: [{name: p, count: 2, program: main}]
        programs:
          main:
            - mmap: {name: heap, size: 4MiB, prot: rw}
            - repeat: {times: 200, steps: [{write: {in: heap, at: uniform(0..4092KiB), size: 4KiB}}]}
        """.getBytes(StandardCharsets.UTF_8), "writing.yaml");

    private record Happened(long tick, OwnerId owner, Object event) {}

    /** A twin on one thread to which a tick brings one message less. */
    private static class OneMessageLess implements Twin {
        private final long loss;
        private final OwnerId loser;
        private final WorkloadPlan plan;
        private final EventSink sink;
        private Machine machine;

        OneMessageLess(MachineParts parts, WorkloadPlan plan, EventSink sink, long loss, OwnerId loser) {
            this.loss = loss;
            this.loser = loser;
            this.plan = plan;
            this.sink = sink;
            host(parts);
        }

        private void host(MachineParts parts) {
            machine = new Machine(parts);
            machine.listener((tick, owner, event) -> sink.happened(tick, owner.id(), event));
        }

        @Override
        public void runTo(long tick) {
            while (!machine.isQuiet() && machine.nextTick() <= tick) {
                if (machine.nextTick() == loss) {
                    MachineParts parts = MachineParts.of(machine.snapshot()).resume(plan);
                    List<Due> left = new ArrayList<>(parts.messages());
                    left.removeIf(due -> due.tick() == loss && due.envelope().to().equals(loser));
                    host(new MachineParts(parts.topology(), parts.settings(), parts.progress(), parts.owners(), left, parts.answers()));
                }
                if (!machine.isQuiet() && machine.nextTick() <= tick) {
                    machine.step();
                }
            }
            machine.requireFinishedIfQuiet();
        }

        @Override
        public String digest() {
            return machine.digest();
        }

        @Override
        public byte[] snapshot() {
            return machine.snapshot();
        }

        @Override
        public void close() {}
    }

    /** What happens on the first machine in its first ticks. */
    private static List<Happened> events(int ticks) {
        List<Happened> events = new ArrayList<>();
        Machine machine = new LocalHost().boot(WRITING, WRITING.machines().get(0), 0);
        machine.listener((tick, owner, event) -> events.add(new Happened(tick, owner.id(), event)));
        for (int i = 0; i < ticks; i++) {
            machine.step();
        }
        return events;
    }

    private static DeterminismCheck.Outcome lose(long tick, OwnerId loser) {
        return DeterminismCheck.run(WRITING, (parts, plan, sink) -> new OneMessageLess(parts, plan, sink, tick, loser), Progress.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries", "mlock-vma-boundaries", "lazyfree-reclaim", "refcount-limit-small"})
    void bundledExperimentsOnActorsAreDeterministicAndEndAsARun(String name) {
        DeterminismCheck.Outcome outcome = DeterminismCheck.run(SpecLoader.bundled(name), Progress.NONE);
        assertEquals("", outcome.difference());
        assertEquals(ExperimentRunner.run(SpecLoader.bundled(name), new LocalHost(), 2, Progress.NONE).digest(), outcome.digest());
        assertTrue(outcome.machines() > 0);
    }

    @Test
    void theFirstTickOwnerAndEventThatDifferAreNamed() {
        int named = 0;
        for (Happened happened : events(1_500)) {
            boolean isFirstOfVma = happened.owner() instanceof VmaId && happened.tick() > DeterminismCheck.FIRST && named < 5;
            if (isFirstOfVma) {
                DeterminismCheck.Outcome outcome = lose(happened.tick(), happened.owner());
                String place = "machine host 0 differs: first in tick " + happened.tick() + ", in the state of " + happened.owner();
                assertTrue(outcome.difference().startsWith(place + "\n"), place + "\nbut: " + outcome.difference());
                assertTrue(outcome.difference().contains("first event that differs: tick " + happened.tick() + ", " + happened.owner()
                        + "\n  bare machine: " + happened.event() + "\n  actors:       no event"), happened + "\nbut: " + outcome.difference());
                assertFalse(outcome.isDeterministic());
                assertEquals("", outcome.digest());
                named++;
            }
        }
        assertEquals(5, named);
    }

    @Test
    void actorsTellTheEventsThatTheBareMachineTells() {
        List<Happened> expected = events(600);
        long end = expected.get(expected.size() - 1).tick();
        List<Happened> told = new ArrayList<>();
        WorkloadPlan plan = WorkloadPlan.of(WRITING, WRITING.machines().get(0), 0);
        MachineParts parts = new LocalHost().boot(WRITING, WRITING.machines().get(0), 0).parts();
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), "twins");
        try (Twin twin = new ActorTwin(system, parts, plan, (tick, owner, event) -> told.add(new Happened(tick, owner, event)))) {
            for (int part = 1; part <= 10; part++) {
                twin.runTo(end * part / 10);
            }
        } finally {
            system.terminate();
        }
        assertEquals(expected, told);
    }

    @Test
    void aTwinThatLosesNothingIsEqual() {
        DeterminismCheck.Outcome outcome = lose(Long.MAX_VALUE, new VmaId(1, 1));
        assertTrue(outcome.isDeterministic(), outcome.difference());
        assertEquals(2, outcome.machines());
        assertEquals(DeterminismCheck.run(WRITING, Progress.NONE), outcome);
    }

    /** Goal: what shows only once is no reason for silence. Method: only the first twin loses a message. */
    @Test
    void aDifferenceThatDoesNotComeAgainIsReportedToo() {
        Happened happened = events(200).stream().filter(each -> each.owner() instanceof VmaId).findFirst().orElseThrow();
        int[] twins = {0};
        DeterminismCheck.Outcome outcome = DeterminismCheck.run(WRITING, (parts, plan, sink) ->
                new OneMessageLess(parts, plan, sink, twins[0]++ == 0 ? happened.tick() : Long.MAX_VALUE, happened.owner()), Progress.NONE);
        assertTrue(outcome.difference().contains("it depends on timing"), outcome.difference());
    }
}
