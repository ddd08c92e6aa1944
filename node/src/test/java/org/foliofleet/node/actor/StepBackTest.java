package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import java.nio.file.Path;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.MachineJournal;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.random.RecordedProgram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever disturbs a machine, it steps back and ends as if nothing had happened, and gives up only when that cannot help.
 * Method: a random program on an H2 file, with a machine or a journal that fails of one message or of all.
 */
class StepBackTest {
    private static final RecordedProgram PROGRAM = RecordedProgram.of(2);
    private static final int EPOCHS = 6;

    @TempDir
    static Path directory;

    private static ActorSystem<SpawnProtocol.Command> system;

    private final LinkedBlockingQueue<Progress> told = new LinkedBlockingQueue<>();

    @BeforeAll
    static void startSystem() {
        system = ActorSystem.create(SpawnProtocol.create(), "machines", JournalDatabase.h2(directory.resolve("journal")));
    }

    @AfterAll
    static void endSystem() {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    /** Fails of some messages with what it is given. */
    private static <T> Behavior<T> failing(Class<T> type, Behavior<T> behavior, Predicate<T> when, Supplier<RuntimeException> failure) {
        return Behaviors.intercept(() -> new BehaviorInterceptor<T, T>(type) {
            @Override
            public Behavior<T> aroundReceive(TypedActorContext<T> context, T message, ReceiveTarget<T> target) {
                if (when.test(message)) {
                    throw failure.get();
                }
                return target.apply(context, message);
            }
        }, behavior);
    }

    /** Whether it is the n-th of all messages of that kind. */
    private static <T> Predicate<T> nth(Class<? extends T> kind, int n) {
        AtomicInteger count = new AtomicInteger();
        return message -> kind.isInstance(message) && count.incrementAndGet() == n;
    }

    private static Plan plan(String name, Predicate<MachineMessage> fault) {
        return new Plan(name, PROGRAM::toParts, UnaryOperator.identity(), parts -> failing(MachineMessage.class,
                MachineClock.create(parts, Duration.ofSeconds(30)), fault, () -> new InvariantViolation("planted")),
                Math.max(1, PROGRAM.lastTick() / EPOCHS), 0);
    }

    private static Behavior<JournalCommand> journal(String name, Predicate<JournalCommand> fault) {
        return failing(JournalCommand.class, MachineJournal.create(name), fault,
                () -> new IllegalStateException(new SQLTransientConnectionException("planted")));
    }

    private ActorRef<JournaledMachine.Message> start(Plan plan, Supplier<Behavior<JournalCommand>> journals) {
        ActorRef<Progress> listener = spawn(Behaviors.receiveMessage(progress -> {
            told.add(progress);
            return Behaviors.same();
        }));
        return spawn(JournaledMachine.create(plan, listener, journals));
    }

    private ActorRef<JournaledMachine.Message> start(Plan plan) {
        return start(plan, () -> MachineJournal.create(plan.name()));
    }

    private static <T> ActorRef<T> spawn(Behavior<T> behavior) {
        return AskPattern.ask(system, (ActorRef<ActorRef<T>> replyTo) -> new SpawnProtocol.Spawn<>(behavior, "", Props.empty(), replyTo),
                Duration.ofMinutes(1), system.scheduler()).toCompletableFuture().join();
    }

    private <T extends Progress> T until(Class<T> kind) throws InterruptedException {
        return until(kind, new ArrayList<>());
    }

    private <T extends Progress> T until(Class<T> kind, List<Progress> others) throws InterruptedException {
        while (true) {
            Progress progress = told.poll(60, TimeUnit.SECONDS);
            assertNotNull(progress, () -> "the machine tells nothing after " + others);
            if (kind.isInstance(progress)) {
                return kind.cast(progress);
            }
            assertTrue(!(progress instanceof Progress.Failed), progress::toString);
            others.add(progress);
        }
    }

    private void assertEndsUndisturbed() throws InterruptedException {
        Machine undisturbed = new Machine(PROGRAM.toParts());
        undisturbed.runUntilQuiet();
        Progress.Finished finished = until(Progress.Finished.class);
        assertEquals(undisturbed.digest(), finished.digest());
        assertEquals(undisturbed.tick(), finished.tick());
    }

    @Test
    void aMachineWhoseActorFailsOnceStepsBackAndEndsUndisturbed() throws Exception {
        start(plan("once", nth(MachineMessage.Run.class, 3)));
        Progress.SteppedBack back = until(Progress.SteppedBack.class);
        assertEquals(2, back.incarnation());
        assertTrue(back.cause().contains("planted"), back.cause());
        assertEquals(back.epoch(), assertInstanceOf(Progress.WentOn.class, told.poll(60, TimeUnit.SECONDS)).epoch());
        assertEndsUndisturbed();
    }

    @Test
    void aMachineThatFailsAtTheSamePlaceAgainAndAgainGivesUpAfterThree() throws Exception {
        start(plan("again", message -> message instanceof MachineMessage.Commit));
        for (int incarnation = 2; incarnation <= StepBacks.LIMIT; incarnation++) {
            assertEquals(incarnation, until(Progress.SteppedBack.class).incarnation());
        }
        assertInstanceOf(Progress.WentOn.class, told.poll(60, TimeUnit.SECONDS));
        Progress.Failed failed = assertInstanceOf(Progress.Failed.class, told.poll(60, TimeUnit.SECONDS));
        assertTrue(failed.reason().startsWith("machine again: 3 times after epoch 0, so it does not go on: "), failed.reason());
        assertTrue(failed.reason().contains("planted"), failed.reason());
    }

    @Test
    void stepsBackFromDifferentEpochsDoNotAddUp() throws Exception {
        Predicate<MachineMessage> second = nth(MachineMessage.Run.class, 2);
        Predicate<MachineMessage> fourth = nth(MachineMessage.Run.class, 5);
        Predicate<MachineMessage> sixth = nth(MachineMessage.Run.class, 8);
        start(plan("apart", message -> second.test(message) | fourth.test(message) | sixth.test(message)));
        assertEndsUndisturbed();
    }

    @Test
    void aMachineWaitsForADatabaseThatIsAwayAndGoesOnByItself() throws Exception {
        AtomicInteger commands = new AtomicInteger();
        // Away for longer than a fault would be borne.
        start(plan("away", message -> false), () -> journal("away", command -> {
            int number = commands.incrementAndGet();
            return number > 3 && number < 10;
        }));
        for (int i = 0; i < 6; i++) {
            assertTrue(until(Progress.Waiting.class).cause().contains("planted"));
        }
        assertEndsUndisturbed();
    }

    @Test
    void aMachineThatWaitsRestsAtOnceWhereItWasCommitted() throws Exception {
        AtomicInteger commands = new AtomicInteger();
        ActorRef<JournaledMachine.Message> machine = start(plan("rests", message -> false),
                () -> journal("rests", command -> commands.incrementAndGet() > 4));
        List<Progress> before = new ArrayList<>();
        until(Progress.Waiting.class, before);
        machine.tell(new JournaledMachine.Pause());
        long committed = before.stream().filter(Progress.Epoch.class::isInstance).mapToLong(each -> ((Progress.Epoch) each).epoch()).max().orElse(0);
        assertEquals(committed, until(Progress.Paused.class).epoch());
    }

    @Test
    void aMachineThatBeganElsewhereIsLeftToThem() throws Exception {
        Plan first = plan("twice", message -> false);
        AtomicInteger commits = new AtomicInteger();
        LinkedBlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
        start(first, () -> holding(MachineJournal.create("twice"), commits, held));
        until(Progress.Epoch.class);
        Runnable second = held.poll(60, TimeUnit.SECONDS);
        assertNotNull(second);
        LinkedBlockingQueue<Progress> other = new LinkedBlockingQueue<>();
        spawn(JournaledMachine.create(first, spawn(Behaviors.receiveMessage(progress -> {
            other.add(progress);
            return Behaviors.same();
        }))));
        while (!(other.poll(60, TimeUnit.SECONDS) instanceof Progress.Epoch)) {
            assertTrue(told.stream().noneMatch(Progress.Failed.class::isInstance), told::toString);
        }
        second.run();
        until(Progress.Superseded.class);
    }

    /** Keeps back the second commit. */
    private static Behavior<JournalCommand> holding(Behavior<JournalCommand> journal, AtomicInteger commits, LinkedBlockingQueue<Runnable> held) {
        return Behaviors.intercept(() -> new BehaviorInterceptor<JournalCommand, JournalCommand>(JournalCommand.class) {
            @Override
            public Behavior<JournalCommand> aroundReceive(TypedActorContext<JournalCommand> context, JournalCommand message,
                    ReceiveTarget<JournalCommand> target) {
                if (message instanceof JournalCommand.Commit && commits.incrementAndGet() == 2) {
                    ActorRef<JournalCommand> self = context.asJava().getSelf();
                    held.add(() -> self.tell(message));
                    return Behaviors.same();
                }
                return target.apply(context, message);
            }
        }, journal);
    }

    @Test
    void aPausedMachineGoesOnFromThere() throws Exception {
        ActorRef<JournaledMachine.Message> machine = start(plan("paused", message -> false));
        until(Progress.Epoch.class);
        machine.tell(new JournaledMachine.Pause());
        Progress.Paused paused = until(Progress.Paused.class);
        start(plan("paused", message -> false));
        assertEquals(paused.epoch(), until(Progress.WentOn.class).epoch());
        assertEndsUndisturbed();
    }

    @Test
    void recoveriesOfAJvmAreFewAtATime() {
        long second = TimeUnit.SECONDS.toNanos(1);
        RecoveryLimit limit = new RecoveryLimit(0);
        for (int i = 0; i < 16; i++) {
            assertEquals(Duration.ZERO, limit.reserve(0));
        }
        assertEquals(Duration.ofMillis(100), limit.reserve(0));
        assertEquals(Duration.ofMillis(200), limit.reserve(0));
        assertEquals(Duration.ZERO, limit.reserve(10 * second));
    }
}
