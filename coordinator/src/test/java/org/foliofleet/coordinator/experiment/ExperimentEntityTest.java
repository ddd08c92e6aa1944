package org.foliofleet.coordinator.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.AskPattern;
import akka.pattern.Patterns;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.foliofleet.coordinator.experiment.ExperimentCommand.ExperimentReply;
import org.foliofleet.protocol.control.ControlMessage;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;
import org.foliofleet.protocol.experiment.Execution;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Goal: an experiment brings its machines to where they shall be, whatever they do. Method: scripted machines, a journal in memory. */
class ExperimentEntityTest {
    private static final String YAML = """
        version: 1
        name: fleet
        machines:
          - {name: host, count: COUNT, nodes: [{memory: 64MiB}], processes: [{name: p, program: [{wait: 1ms}]}]}
        stop: {at: 1s}
        """;
    private static final ExperimentSettings SETTINGS = new ExperimentSettings(Duration.ofMillis(20), 8, Duration.ofMillis(200),
            Duration.ofSeconds(20), true);

    /** The scripted machines commit every 100 ticks. */
    private static final Execution EXECUTION = new Execution(Execution.Hosting.OWNER, 1, 100, 5_000, 0, false);

    private static ActorSystem<SpawnProtocol.Command> system;

    private final ScriptedFleet fleet = new ScriptedFleet();
    private final LinkedBlockingQueue<ExperimentStatus> statuses = new LinkedBlockingQueue<>();
    private String id;
    private ActorRef<ControlMessage> entity;

    @BeforeAll
    static void start() {
        system = ActorSystem.create(SpawnProtocol.create(), "experiments", ConfigFactory.parseMap(Map.of(
                "akka.persistence.journal.plugin", "akka.persistence.journal.inmem",
                "akka.persistence.snapshot-store.plugin", "akka.persistence.no-snapshot-store"))
                .withFallback(ConfigFactory.load()));
    }

    @AfterAll
    static void stop() throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @BeforeEach
    void name(TestInfo test) {
        id = "e-" + Math.abs(test.getDisplayName().hashCode());
        fleet.tellTo(news -> entity.tell(news));
    }

    private static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void spawn() {
        ExperimentEntity.Surroundings around = new ExperimentEntity.Surroundings(order -> fleet.accept(order), statuses::add, self -> { });
        CompletionStage<ActorRef<ControlMessage>> spawned = AskPattern.ask(system, replyTo -> new SpawnProtocol.Spawn<>(
                ExperimentEntity.create(id, SETTINGS, around), "", Props.empty(), replyTo), Duration.ofSeconds(20), system.scheduler());
        entity = get(spawned);
    }

    private ExperimentReply ask(Function<ActorRef<ExperimentReply>, ControlMessage> message) {
        CompletionStage<ExperimentReply> reply = AskPattern.ask(entity, message::apply, Duration.ofSeconds(20), system.scheduler());
        return get(reply);
    }

    private ExperimentStatus begin(int machines) {
        spawn();
        return ((ExperimentCommand.Answer) ask(replyTo -> new ExperimentCommand.Begin(new ExperimentSource("fleet.yaml",
                YAML.replace("COUNT", Integer.toString(machines)), null, Map.of(), null), EXECUTION, replyTo))).status();
    }

    private ExperimentStatus await(Predicate<ExperimentStatus> wanted) throws InterruptedException {
        while (true) {
            ExperimentStatus status = statuses.poll(20, TimeUnit.SECONDS);
            assertNotNull(status, "the experiment has not come to what was expected");
            if (wanted.test(status)) {
                return status;
            }
        }
    }

    private ExperimentStatus await(ExperimentPhase phase) throws InterruptedException {
        return await(status -> status.phase() == phase);
    }

    private String machine(int ordinal) {
        return id + "/host/" + ordinal;
    }

    /** The entity goes, as with its JVM, and comes again somewhere. */
    private void crash() {
        get(Patterns.gracefulStop(Adapter.toClassic(entity), Duration.ofSeconds(20)));
        statuses.clear();
        spawn();
    }

    @Test
    void allMachinesAreStartedAFewAtATimeAndEndInACompletedExperiment() throws InterruptedException {
        assertEquals(ExperimentPhase.STARTING, begin(50).phase());
        ExperimentStatus running = await(ExperimentPhase.RUNNING);
        assertEquals(50, running.machines().running());
        assertEquals(50, fleet.orders().stream().map(MachineOrder::machine).distinct().count());
        fleet.commit();
        ExperimentStatus later = await(status -> status.epoch() == 2);
        assertEquals(2_000, later.nanos());
        assertEquals(1_000_000_000L, later.goalNanos());
        IntStream.range(0, 50).forEach(i -> fleet.end(machine(i)));
        ExperimentStatus completed = await(ExperimentPhase.COMPLETED);
        assertEquals(50, completed.machines().ended());
        assertEquals(ExperimentDigest.of(completed.spec(), IntStream.range(0, 50).mapToObj(i -> "end-" + machine(i)).toList()),
                completed.digest());
        ExperimentCommand.Results results = (ExperimentCommand.Results) ask(replyTo -> new ExperimentCommand.GetResults(0, replyTo));
        assertEquals(50, results.results().size());
        assertEquals(49, results.results().get(49)[0]);
        assertEquals(-1, results.next());
    }

    @Test
    void noMoreMachinesThanAllowedAreUnheardOf() throws InterruptedException {
        IntStream.range(0, 30).forEach(i -> fleet.deafen(machine(i)));
        begin(30);
        await(status -> fleet.orders().size() >= 2 * SETTINGS.atOnce());
        assertEquals(SETTINGS.atOnce(), fleet.orders().stream().map(MachineOrder::machine).distinct().count(),
                "the same ones were ordered again");
        IntStream.range(0, 30).forEach(i -> fleet.cure(machine(i)));
        assertEquals(30, await(ExperimentPhase.RUNNING).machines().running());
    }

    @Test
    void itPausesWhenAllMachinesRestAndGoesOn() throws InterruptedException {
        begin(3);
        await(ExperimentPhase.RUNNING);
        fleet.deafen(machine(1));
        ask(replyTo -> new ExperimentCommand.Pause("lunch", replyTo));
        ExperimentStatus pausing = await(status -> status.machines().paused() == 2);
        assertTrue(pausing.pausing());
        assertEquals(ExperimentPhase.RUNNING, pausing.phase());
        fleet.cure(machine(1));
        ExperimentStatus paused = await(ExperimentPhase.PAUSED);
        assertEquals("lunch", paused.reason());
        assertEquals(1, paused.epoch());
        assertEquals(0, fleet.runningCount());
        ask(replyTo -> new ExperimentCommand.Resume(null, replyTo));
        await(ExperimentPhase.RUNNING);
        assertEquals(3, fleet.runningCount());
    }

    @Test
    void itMayGoOnHostedOtherwise() throws InterruptedException {
        begin(1);
        await(ExperimentPhase.RUNNING);
        Execution other = EXECUTION.withHosting(Execution.Hosting.MACHINE);
        ExperimentReply refused = ask(replyTo -> new ExperimentCommand.Resume(other, replyTo));
        assertEquals("is running; pause it first to run it otherwise", ((ExperimentCommand.Refused) refused).why());
        ask(replyTo -> new ExperimentCommand.Pause("", replyTo));
        await(ExperimentPhase.PAUSED);
        ask(replyTo -> new ExperimentCommand.Resume(other, replyTo));
        await(ExperimentPhase.RUNNING);
        List<MachineOrder> orders = fleet.orders();
        assertEquals(other, ((MachineOrder.EnsureRunning) orders.get(orders.size() - 1)).execution());
    }

    @Test
    void afterARestartItGoesOnInEveryPhase() throws InterruptedException {
        begin(4);
        crash();
        await(ExperimentPhase.RUNNING);
        fleet.end(machine(2));
        await(status -> status.machines().ended() == 1);
        crash();
        assertEquals(3, await(status -> status.machines().running() == 3).machines().running());
        fleet.deafen(machine(0));
        ask(replyTo -> new ExperimentCommand.Pause("", replyTo));
        crash();
        fleet.cure(machine(0));
        assertEquals(3, await(ExperimentPhase.PAUSED).machines().paused());
        crash();
        assertEquals(ExperimentPhase.PAUSED, status().phase());
        ask(replyTo -> new ExperimentCommand.Resume(null, replyTo));
        await(ExperimentPhase.RUNNING);
        List.of(0, 1, 3).forEach(i -> fleet.end(machine(i)));
        String digest = await(ExperimentPhase.COMPLETED).digest();
        crash();
        assertEquals(digest, status().digest());
    }

    private ExperimentStatus status() {
        return ((ExperimentCommand.Answer) ask(ExperimentCommand.GetStatus::new)).status();
    }

    @Test
    void aMachineThatFailsLeavesTheOthersRunning() throws InterruptedException {
        begin(3);
        await(ExperimentPhase.RUNNING);
        fleet.fail(machine(1), "its journal cannot be used: row 7");
        ExperimentStatus one = await(status -> status.machines().failed() == 1);
        assertEquals(ExperimentPhase.RUNNING, one.phase());
        assertEquals(2, fleet.runningCount());
        assertEquals(List.of(machine(1) + " failed: its journal cannot be used: row 7"), one.troubles());
        fleet.end(machine(0));
        fleet.end(machine(2));
        ExperimentStatus failed = await(ExperimentPhase.FAILED);
        assertEquals("1 of 3 machines failed; the first: its journal cannot be used: row 7", failed.reason());
        assertEquals(2, failed.machines().ended());
        ExperimentReply resumed = ask(replyTo -> new ExperimentCommand.Resume(null, replyTo));
        assertTrue(((ExperimentCommand.Refused) resumed).why().startsWith("has failed ("), resumed::toString);
    }

    @Test
    void aCancelledExperimentEndsMachinesThatAreHeardOfLater() throws InterruptedException {
        begin(2);
        await(ExperimentPhase.RUNNING);
        fleet.deafen(machine(0));
        ask(replyTo -> new ExperimentCommand.Cancel("wrong seed", replyTo));
        ExperimentStatus cancelled = await(ExperimentPhase.CANCELLED);
        assertEquals("wrong seed", cancelled.reason());
        assertTrue(fleet.isRunning(machine(0)));
        fleet.cure(machine(0));
        fleet.commit();
        status();
        assertEquals(0, fleet.runningCount());
        ExperimentReply again = ask(replyTo -> new ExperimentCommand.Cancel("", replyTo));
        assertEquals("is cancelled already; there is nothing to cancel", ((ExperimentCommand.Refused) again).why());
    }

    @Test
    void whatMachinesGoThroughIsShown() throws InterruptedException {
        begin(2);
        await(ExperimentPhase.RUNNING);
        entity.tell(new MachineNews.SteppedBack(machine(0), 2, 1, "a message was lost"));
        entity.tell(new MachineNews.Waiting(machine(1), "the database does not answer"));
        ExperimentStatus status = await(seen -> seen.machines().waiting() == 1);
        assertEquals(1, status.machines().stepBacks());
        assertEquals(List.of(machine(0) + " stepped back to its commit 1: a message was lost", machine(1) + " waits: the database does not answer"),
                status.troubles());
        entity.tell(new MachineNews.Running("stranger/host/0", 1, 1, 1, 1, 1, "", new byte[0]));
        fleet.commit();
        await(seen -> seen.machines().running() == 2);
    }

    @Test
    void nobodyKnowsAnExperimentThatWasNotSubmitted() {
        spawn();
        assertEquals(new ExperimentCommand.Unknown(id), ask(ExperimentCommand.GetStatus::new));
        assertEquals(new ExperimentCommand.Unknown(id), ask(replyTo -> new ExperimentCommand.Resume(null, replyTo)));
        assertEquals(new ExperimentCommand.Unknown(id), ask(replyTo -> new ExperimentCommand.GetResults(0, replyTo)));
    }
}
