package org.foliofleet.coordinator.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import java.nio.file.Path;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.node.cluster.ClusterNode;
import org.foliofleet.node.cluster.ClusterSettings;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.experiment.Execution;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: experiments and their list survive the end of all JVMs. Method: a coordinator on an H2 file with scripted machines, ended
 * and begun again.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusterExperimentsTest {
    private static final String YAML = """
        version: 1
        name: Small.fleet
        machines:
          - {name: host, count: 3, nodes: [{memory: 64MiB}], processes: [{name: p, program: [{wait: 1ms}]}]}
        run: {branch_points: 10}
        """;
    private static final EntityTypeKey<MachineNews> NEWS = EntityTypeKey.create(MachineNews.class, MachineNews.ENTITY_TYPE);

    @TempDir
    private Path directory;

    private final List<Long> branchPoints = new CopyOnWriteArrayList<>();
    private final ScriptedFleet fleet = new ScriptedFleet();
    private ClusterNode node;
    private Experiments experiments;

    @BeforeEach
    void start() {
        node = ClusterNode.start(new ClusterSettings("127.0.0.1", 0, List.of(), Set.of(ClusterNode.COORDINATOR),
                JournalDatabase.h2(directory.resolve("journal")), false), obituary -> { });
        ClusterSharding sharding = ClusterSharding.get(node.system());
        fleet.tellTo(news -> sharding.entityRefFor(NEWS, news.machine().split("/")[0]).tell(news));
        experiments = ClusterExperiments.init(node.system(), new ExperimentSettings(Duration.ofMillis(50), 8, Duration.ofSeconds(1),
                Duration.ofSeconds(20), true), fleet, machine -> branchPoints, new SimpleMeterRegistry());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void restart() {
        stop();
        start();
    }

    private static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    private static Kind refused(CompletionStage<?> stage) {
        return assertThrows(ExperimentProblem.class, () -> get(stage)).kind();
    }

    private ExperimentStatus submit(String id) {
        return get(experiments.submit(new Submission(id, new ExperimentSource("fleet.yaml", YAML, null, Map.of(), null), null)));
    }

    private ExperimentStatus await(String id, Predicate<ExperimentStatus> wanted) {
        while (true) {
            ExperimentStatus status = get(experiments.get(id));
            if (wanted.test(status)) {
                return status;
            }
            get(CompletableFuture.supplyAsync(() -> null, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS)));
        }
    }

    private ExperimentStatus await(String id, ExperimentPhase phase) {
        return await(id, status -> status.phase() == phase);
    }

    private void awaitList(String... expected) {
        while (!get(experiments.list()).stream().map(each -> each.id() + " " + each.phase().word()).toList().equals(List.of(expected))) {
            get(CompletableFuture.supplyAsync(() -> null, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS)));
        }
    }

    @Test
    void experimentsGoOnWhenTheCoordinatorComesBack() {
        String first = submit(null).id();
        assertEquals("small-fleet-1", first);
        assertEquals("small-fleet-2", submit(null).id());
        await(first, ExperimentPhase.RUNNING);
        get(experiments.pause("small-fleet-2", "later"));
        await("small-fleet-2", ExperimentPhase.PAUSED);
        fleet.end(first + "/host/1");
        await(first, status -> status.machines().ended() == 1);
        restart();
        ExperimentStatus running = await(first, status -> status.machines().running() == 2);
        assertEquals(1, running.machines().ended());
        assertEquals("later", get(experiments.get("small-fleet-2")).reason());
        fleet.end(first + "/host/0");
        fleet.end(first + "/host/2");
        String digest = await(first, ExperimentPhase.COMPLETED).digest();
        restart();
        assertEquals(digest, get(experiments.get(first)).digest());
        await("small-fleet-2", ExperimentPhase.PAUSED);
        awaitList("small-fleet-1 completed", "small-fleet-2 paused");
    }

    @Test
    void whatCanNotBeIsRefusedAndNothingIsHalfThere() {
        assertEquals(Kind.UNKNOWN, refused(experiments.get("nobody")));
        assertEquals(Kind.UNKNOWN, refused(experiments.resume("nobody", null)));
        assertEquals(Kind.UNKNOWN, refused(experiments.branch("nobody", 10, Map.of(), null)));
        assertEquals(Kind.UNKNOWN, refused(experiments.get("../etc/passwd")));
        ExperimentSource broken = new ExperimentSource("bad.yaml", "version: 1\nnam: x\n", null, Map.of(), null);
        assertEquals(Kind.INVALID, refused(experiments.submit(new Submission(null, broken, null))));
        assertEquals(Kind.INVALID, refused(experiments.submit(new Submission("Not An Id", new ExperimentSource("a", YAML, null, Map.of(), null), null))));
        assertEquals(List.of(), get(experiments.list()));
        submit("mine");
        ExperimentProblem taken = assertThrows(ExperimentProblem.class, () -> submit("mine"));
        assertEquals(Kind.CONFLICT, taken.kind());
        assertTrue(taken.getMessage().startsWith("experiment mine exists already and is "), taken.getMessage());
        assertEquals(1, get(experiments.list()).size());
        assertEquals(Kind.CONFLICT, refused(experiments.result("mine")));
        get(experiments.cancel("mine", "enough"));
        assertEquals(Kind.CONFLICT, refused(experiments.resume("mine", null)));
        assertEquals(Kind.CONFLICT, refused(experiments.pause("mine", "")));
    }

    @Test
    void aBranchBeginsWhereItsOriginWas() {
        submit("origin");
        await("origin", ExperimentPhase.RUNNING);
        assertEquals(Kind.INVALID, refused(experiments.branch("origin", 7, Map.of(), null)));
        assertEquals(Kind.CONFLICT, refused(experiments.branch("origin", 10, Map.of(), null)));
        branchPoints.add(10L);
        assertEquals(Kind.INVALID, refused(experiments.branch("origin", 10, Map.of("refcount_bits", "17"), null)));
        ExperimentStatus branch = get(experiments.branch("origin", 10, Map.of("refcount_bits", "16"), "wider"));
        assertEquals("origin@10", branch.origin());
        assertEquals(10, branch.execution().branchEvery());
        assertEquals(Execution.Hosting.OWNER, branch.execution().hosting());
    }
}
