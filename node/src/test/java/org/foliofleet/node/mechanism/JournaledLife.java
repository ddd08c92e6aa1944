package org.foliofleet.node.mechanism;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.foliofleet.node.actor.JournaledMachine;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.actor.MachineActor;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.actor.MachineMessage;
import org.foliofleet.node.actor.OneCommit;
import org.foliofleet.node.mm.machine.MachineParts;

/** One life of a machine that has a journal. */
final class JournaledLife implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final LinkedBlockingQueue<Progress> told = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final ActorRef<JournaledMachine.Message> machine;

    /**
     * Goes on from its last commit, and commits once more, after that tick; then it runs on, and says no more.
     *
     * @param system whose journal is in a database
     * @param owners whether each owner is an actor
     */
    JournaledLife(ActorSystem<SpawnProtocol.Command> system, Everything everything, boolean owners, long cut) {
        Plan plan = new Plan(everything.name(), () -> everything.boot().parts(), parts -> parts.resume(everything.plan()), hosting(owners),
                everything.rule(), cut == Long.MAX_VALUE ? cut : cut + 1, 0);
        ActorRef<Progress> listener = spawn(system, Behaviors.receiveMessage(progress -> {
            told.add(progress);
            return Behaviors.same();
        }));
        machine = spawn(system, JournaledMachine.create(plan, listener));
        spawn(system, Behaviors.<Void>setup(context -> {
            context.watch(machine);
            return Behaviors.<Void>receive(Void.class).onSignal(Terminated.class, ended -> {
                over.complete(null);
                return Behaviors.stopped();
            }).build();
        }));
    }

    private static <T> ActorRef<T> spawn(ActorSystem<SpawnProtocol.Command> system, Behavior<T> behavior) {
        return AskPattern.ask(system, (ActorRef<ActorRef<T>> replyTo) -> new SpawnProtocol.Spawn<>(behavior, "", Props.empty(), replyTo),
                PATIENCE, system.scheduler()).toCompletableFuture().join();
    }

    private static Function<MachineParts, Behavior<MachineMessage>> hosting(boolean owners) {
        return parts -> OneCommit.of(owners ? MachineClock.create(parts, Duration.ofSeconds(30)) : MachineActor.create(parts));
    }

    /** Waits until it tells of something of that kind. */
    <T extends Progress> T until(Class<T> kind) throws InterruptedException {
        while (true) {
            Progress progress = told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (kind.isInstance(progress)) {
                return kind.cast(progress);
            }
            if (progress == null || progress instanceof Progress.Failed || progress instanceof Progress.Finished) {
                throw new AssertionError("no " + kind.getSimpleName() + ", but " + progress);
            }
        }
    }

    /** Ends it at once, whatever it is doing. */
    @Override
    public void close() {
        machine.tell(new JournaledMachine.Stop());
        over.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }
}
