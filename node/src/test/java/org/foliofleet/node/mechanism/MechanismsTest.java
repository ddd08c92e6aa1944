package org.foliofleet.node.mechanism;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.actor.HostedMachine;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.actor.RunReport;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.mechanism.MechanismTable.Column;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: every mechanism of the model ends alike under every hosting and after a crash in the middle of it. Method: an experiment that
 * uses them all; metrics say that each of them happened, flights and messages when it was under way. {@code MECHANISMS.md} has the
 * table, whose figures {@code -Dmechanisms.write=true} writes.
 */
class MechanismsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ROUNDS = 3;
    private static final int MOST_LANES = 3;

    private static final List<Everything> PARTS = new ArrayList<>();
    private static final Map<Mechanism, Integer> CRASHES = new EnumMap<>(Mechanism.class);

    @TempDir
    Path directory;

    @BeforeAll
    static void runUndisturbed() {
        ExperimentSpec spec = Everything.spec(1, ROUNDS);
        spec.machines().forEach(machines -> PARTS.add(new Everything(spec, machines)));
    }

    @AfterAll
    static void writeTable() {
        if (Boolean.getBoolean("mechanisms.write")) {
            MechanismTable table = new MechanismTable();
            for (Mechanism each : Mechanism.values()) {
                table.set(each, Column.HAPPENED, PARTS.stream().mapToLong(part -> part.evidence(each)).sum());
                table.set(each, Column.HOSTINGS, 1 + MOST_LANES);
                table.set(each, Column.CRASHES, CRASHES.getOrDefault(each, 0));
            }
            table.write();
        }
        PARTS.clear();
    }

    @Test
    void everyMechanismHappensIsMetInTheMiddleAndHasItsRow() {
        MechanismTable table = new MechanismTable();
        List<String> missing = new ArrayList<>(table.problems());
        for (Mechanism each : Mechanism.values()) {
            if (PARTS.stream().noneMatch(part -> part.met().contains(each))) {
                missing.add(each + " is never under way");
            }
            if (PARTS.stream().noneMatch(part -> part.evidence(each) > 0)) {
                missing.add(each + " never happened: " + each.evidence());
            }
            for (Column column : Column.values()) {
                if (table.of(each, column) == 0) {
                    missing.add(each + " has no figure for " + column);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void everyHostingEndsAlike() {
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), "hostings");
        try {
            for (Everything part : PARTS) {
                assertEndsAlike(part, new HostedMachine(system, MachineClock.create(parts(part), PATIENCE)), "an actor for each owner");
                for (int lanes = 2; lanes <= MOST_LANES; lanes++) {
                    assertEndsAlike(part, HostedMachine.spread(system, part.name() + lanes, parts(part), lanes, PATIENCE, EventSink.NONE), lanes + " lanes");
                }
            }
        } finally {
            end(system);
        }
    }

    private static MachineParts parts(Everything part) {
        return part.boot().parts();
    }

    private static void end(ActorSystem<?> system) {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    private static void assertEndsAlike(Everything part, HostedMachine machine, String what) {
        try {
            RunReport report = machine.run(Long.MAX_VALUE, part.rule());
            assertInstanceOf(RunReport.Ended.class, report, () -> part.name() + ", " + what + ": " + report);
            assertEquals(part.result(), machine.result(part.rule()), part.name() + ", " + what);
        } finally {
            machine.close();
        }
    }

    @Test
    void aMachineThatIsCutOffInTheMiddleOfEachOfThemEndsAlike() throws InterruptedException {
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), "lives", JournalDatabase.h2(directory.resolve("journal")));
        try {
            for (Everything part : PARTS) {
                boolean owners = false;
                for (Map.Entry<Long, Set<Mechanism>> cut : part.cuts().entrySet()) {
                    owners = !owners;
                    try (JournaledLife life = new JournaledLife(system, part, owners, cut.getKey())) {
                        assertEquals(cut.getKey(), life.until(Progress.Epoch.class).tick(), part.name());
                    }
                    cut.getValue().forEach(each -> CRASHES.merge(each, 1, Integer::sum));
                }
                try (JournaledLife life = new JournaledLife(system, part, !owners, Long.MAX_VALUE)) {
                    Progress.Finished end = life.until(Progress.Finished.class);
                    assertEquals(part.undisturbed().digest(), end.digest(), part.name() + " after " + part.cuts().size() + " crashes");
                    assertEquals(part.result(), end.result(), part.name());
                }
            }
        } finally {
            end(system);
        }
        assertEquals(List.of(Mechanism.values()), List.copyOf(CRASHES.keySet()), "mechanisms that were cut off");
    }
}
