package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.journal.BranchPoints;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.local.LocalMachine;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a machine does what its experiment orders, wherever it is, and ends as on one thread. Method: clusters of one or two
 * members in this JVM, on an H2 file, with an experiment that only listens.
 */
class MachineEntityTest {
    private static final String YAML = """
        version: 1
        name: entity
        tick: 1us
        machines:
          - name: host
            count: 2
            nodes: [{memory: 64MiB}]
            processes: [{name: p, count: 2, program: main}]
        programs:
          main:
            - mmap: {name: heap, at: 0, size: 1MiB, prot: rw}
            - repeat:
                times: 200
                steps:
                  - write: {in: heap, at: uniform(0..1020KiB), size: 4KiB}
                  - fork: {steps: [{write: {in: heap, at: uniform(0..1020KiB), size: 4KiB}}]}
            - munmap: heap
        """;
    private static final ExperimentSource SOURCE = new ExperimentSource("test.yaml", YAML, null, Map.of(), null);
    private static final String MACHINE = "e1/host/0";

    @TempDir
    Path directory;

    private final List<ClusterNode> members = new ArrayList<>();
    private final LinkedBlockingQueue<MachineNews> news = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        for (int i = members.size() - 1; i >= 0; i--) {
            members.get(i).close();
        }
    }

    private ClusterNode start(ClusterSettings settings) {
        ClusterNode member = ClusterNode.start(settings, news -> { });
        members.add(member);
        if (settings.roles().contains(ClusterNode.COORDINATOR)) {
            ClusterSharding.get(member.system()).init(Entity.of(EntityTypeKey.create(MachineNews.class, MachineNews.ENTITY_TYPE),
                    entity -> Behaviors.receiveMessage(told -> {
                        news.add(told);
                        return Behaviors.same();
                    })).withRole(ClusterNode.COORDINATOR));
        }
        return member;
    }

    private ClusterNode alone() {
        return start(ClusterSettings.alone(database()));
    }

    private Config database() {
        return JournalDatabase.h2(directory.resolve("journal"));
    }

    private static MachineOrder.EnsureRunning run(Hosting hosting) {
        return new MachineOrder.EnsureRunning(MACHINE, SOURCE, new Execution(hosting, 1, 50, 0, 0, false));
    }

    private <T extends MachineNews> T until(Class<T> kind) throws InterruptedException {
        while (true) {
            MachineNews told = news.poll(60, TimeUnit.SECONDS);
            assertNotNull(told, "the machine tells nothing");
            if (kind.isInstance(told)) {
                return kind.cast(told);
            }
            assertTrue(told instanceof MachineNews.Running, () -> "unexpected: " + told);
        }
    }

    /** Until it has committed something that it had not before. */
    private MachineNews.Running untilCommitted(long epoch) throws InterruptedException {
        MachineNews.Running running = until(MachineNews.Running.class);
        while (running.epoch() < epoch) {
            running = until(MachineNews.Running.class);
        }
        return running;
    }

    private static MachineOrder.EnsureRunning spread(int lanes) {
        return new MachineOrder.EnsureRunning(MACHINE, SOURCE, run(Hosting.OWNER).execution().withLanes(lanes));
    }

    private void assertEndsUndisturbed() throws InterruptedException {
        ExperimentSpec spec = SOURCE.load();
        Machine undisturbed = new LocalHost().boot(spec, spec.machines().get(0), 0);
        LocalMachine machine = new LocalMachine(undisturbed, WorkloadPlan.of(spec, spec.machines().get(0), 0), spec.stop());
        machine.run(Long.MAX_VALUE);
        MachineNews.Ended ended = until(MachineNews.Ended.class);
        assertEquals(undisturbed.digest(), ended.digest());
        assertEquals(undisturbed.tick(), ended.tick());
        assertEquals(machine.result(), MachineResult.of(ended.result()));
    }

    @Test
    void aMachineRunsToItsEndHoweverOftenItIsOrderedTo() throws Exception {
        ClusterNode member = alone();
        member.order(run(Hosting.OWNER));
        untilCommitted(1);
        member.order(run(Hosting.OWNER));
        assertEndsUndisturbed();
        member.order(run(Hosting.OWNER));
        assertEndsUndisturbed();
    }

    @Test
    void aPausedMachineGoesOnFromThereUnderAnotherHosting() throws Exception {
        ClusterNode member = alone();
        member.order(run(Hosting.OWNER));
        untilCommitted(1);
        member.order(new MachineOrder.Pause(MACHINE));
        MachineNews.Paused paused = until(MachineNews.Paused.class);
        member.order(new MachineOrder.Pause(MACHINE));
        assertEquals(paused, until(MachineNews.Paused.class));
        member.order(run(Hosting.MACHINE));
        assertEquals(paused.epoch(), until(MachineNews.Running.class).epoch());
        assertEndsUndisturbed();
    }

    @Test
    void aMachineThatIsPausedAndOrderedToRunAtOnceRuns() throws Exception {
        ClusterNode member = alone();
        member.order(run(Hosting.OWNER));
        untilCommitted(1);
        member.order(new MachineOrder.Pause(MACHINE));
        member.order(run(Hosting.OWNER));
        until(MachineNews.Paused.class);
        assertEndsUndisturbed();
    }

    @Test
    void aCancelledMachineIsForgotten() throws Exception {
        ClusterNode member = alone();
        ExperimentSource endless = new ExperimentSource("test.yaml", YAML.replace("times: 200", "times: 100000"), null, Map.of(), null);
        member.order(new MachineOrder.EnsureRunning(MACHINE, endless, run(Hosting.OWNER).execution()));
        long epoch = untilCommitted(1).epoch();
        member.order(new MachineOrder.Cancel(MACHINE));
        member.order(new MachineOrder.Pause(MACHINE));
        assertTrue(until(MachineNews.Paused.class).epoch() >= epoch);
    }

    @Test
    void aMachineThatTheExperimentDoesNotHaveFails() throws Exception {
        ClusterNode member = alone();
        member.order(new MachineOrder.EnsureRunning("e1/host/2", SOURCE, Execution.DEFAULT));
        assertEquals("machine e1/host/2 cannot begin: test.yaml: machine class host has 2 machines, from 0",
                until(MachineNews.Failed.class).reason());
    }

    @Test
    void aMachineOfAMemberThatLeavesGoesOnAtAnother() throws Exception {
        Config database = database();
        ClusterNode coordinator = start(new ClusterSettings("127.0.0.1", 0, List.of(), Set.of(ClusterNode.COORDINATOR), database, false));
        List<String> seeds = List.of(coordinator.address());
        ClusterNode first = start(new ClusterSettings("127.0.0.1", 0, seeds, Set.of(ClusterNode.NODE), database, false));
        coordinator.order(run(Hosting.OWNER));
        untilCommitted(1);
        start(new ClusterSettings("127.0.0.1", 0, seeds, Set.of(ClusterNode.NODE), database, false));
        first.close();
        coordinator.order(run(Hosting.OWNER));
        assertEndsUndisturbed();
    }

    @Test
    void aMachineIsSpreadAnewWheneverItGoesOn() throws Exception {
        Config database = database();
        ClusterNode first = start(new ClusterSettings("127.0.0.1", 0, List.of(), Set.of(ClusterNode.COORDINATOR, ClusterNode.NODE), database,
                false));
        start(new ClusterSettings("127.0.0.1", 0, List.of(first.address()), Set.of(ClusterNode.NODE), database, false));
        long epoch = 0;
        for (int lanes : List.of(3, 1, 2, 4)) {
            first.order(spread(lanes));
            untilCommitted(epoch + 2);
            first.order(new MachineOrder.Pause(MACHINE));
            epoch = until(MachineNews.Paused.class).epoch();
        }
        first.order(spread(3));
        assertEndsUndisturbed();
    }

    @Test
    void aMachineThatLosesLanesStepsBackAndGoesOnWithThemElsewhere() throws Exception {
        Config database = database();
        ClusterNode first = start(new ClusterSettings("127.0.0.1", 0, List.of(), Set.of(ClusterNode.COORDINATOR, ClusterNode.NODE), database,
                false));
        ClusterNode second = start(new ClusterSettings("127.0.0.1", 0, List.of(first.address()), Set.of(ClusterNode.NODE), database, false));
        first.order(spread(3));
        untilCommitted(2);
        second.close();
        MachineNews told = null;
        // As experiments do, because orders may get lost.
        for (int i = 0; i < 100 && !(told instanceof MachineNews.Ended); i++) {
            first.order(spread(3));
            told = news.poll(2, TimeUnit.SECONDS);
            while (told != null && !(told instanceof MachineNews.Ended)) {
                assertFalse(told instanceof MachineNews.Failed, told::toString);
                told = news.poll(2, TimeUnit.SECONDS);
            }
        }
        assertNotNull(told);
        news.add(told);
        assertEndsUndisturbed();
    }

    @Test
    void anExperimentBeginsAtABranchPointOfAnother() throws Exception {
        ClusterNode member = alone();
        Execution keeping = new Execution(Hosting.OWNER, 2, 50, 60_000, 20, false);
        member.order(new MachineOrder.EnsureRunning(MACHINE, SOURCE, keeping));
        assertEndsUndisturbed();
        List<Long> points = BranchPoints.list(JournalDatabase.of(member.system().settings().config()), MACHINE).stream()
                .map(BranchPoints.Point::number).toList();
        assertTrue(points.size() > 5 && points.stream().allMatch(point -> point % 20 == 0), points::toString);
        ExperimentSource branch = SOURCE.from(new ExperimentSource.Origin("e1", points.get(2)));
        member.order(new MachineOrder.EnsureRunning("e2/host/0", branch, keeping.withLanes(1)));
        assertTrue(until(MachineNews.Running.class).tick() >= points.get(2) * 50 - 50);
        assertEndsUndisturbed();
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        ClusterNode member = alone();
        int port = Integer.parseInt(member.address().substring(member.address().lastIndexOf(':') + 1));
        ClusterSettings same = new ClusterSettings("127.0.0.1", port, List.of(), Set.of(ClusterNode.NODE), database(), false);
        String message = assertThrows(BadInput.class, () -> ClusterNode.start(same, told -> { })).getMessage();
        assertTrue(message.startsWith("127.0.0.1:" + port + " cannot be used: "), message);
    }
}
