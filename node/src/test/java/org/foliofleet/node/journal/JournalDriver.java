package org.foliofleet.node.journal;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.foliofleet.node.journal.JournalCommand.CommitReply;
import org.foliofleet.node.journal.JournalCommand.LaneResumed;
import org.foliofleet.node.journal.JournalCommand.ResumeReply;
import org.foliofleet.node.journal.JournalCommand.Resumption;
import org.foliofleet.node.mm.machine.MachineChanges;

/** A lane's journal, for whoever has a thread to wait with. */
final class JournalDriver {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ActorSystem<SpawnProtocol.Command> system;
    private final ActorRef<JournalCommand> journal;
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    private JournalDriver(ActorSystem<SpawnProtocol.Command> system, LaneId lane, boolean history) {
        this.system = system;
        CompletableFuture<ActorRef<JournalCommand>> spawned = new CompletableFuture<>();
        AskPattern.<SpawnProtocol.Command, ActorRef<Void>>ask(system, replyTo -> new SpawnProtocol.Spawn<>(
                Behaviors.<Void>setup(context -> {
                    ActorRef<JournalCommand> child = context.spawn(MachineJournal.create(lane.machine(), lane.lane(), history), "journal");
                    context.watch(child);
                    spawned.complete(child);
                    return Behaviors.receive(Void.class).onSignal(ChildFailed.class, failed -> {
                        failure.complete(failed.getCause());
                        return Behaviors.stopped();
                    }).onSignal(Terminated.class, ended -> Behaviors.stopped()).build();
                }), "", Props.empty(), replyTo), PATIENCE, system.scheduler());
        journal = spawned.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    static ActorSystem<SpawnProtocol.Command> system(Config config) {
        return ActorSystem.create(SpawnProtocol.create(), "journals", config);
    }

    static void end(ActorSystem<?> system) {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    static JournalDriver of(ActorSystem<SpawnProtocol.Command> system, String machine) {
        return new JournalDriver(system, new LaneId(machine, 0), false);
    }

    static JournalDriver of(ActorSystem<SpawnProtocol.Command> system, LaneId lane, boolean history) {
        return new JournalDriver(system, lane, history);
    }

    private <T> T ask(Function<ActorRef<T>, JournalCommand> command) {
        CompletableFuture<T> answer = AskPattern.<JournalCommand, T>ask(journal, command::apply, PATIENCE, system.scheduler()).toCompletableFuture();
        CompletableFuture.anyOf(answer, failure).join();
        if (!answer.isDone()) {
            throw new JournalEnded(JournalFailure.of(failure.join()));
        }
        return answer.join();
    }

    /** It failed instead of answering. */
    static final class JournalEnded extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient JournalFailure failure;

        JournalEnded(JournalFailure failure) {
            super(failure.toString());
            this.failure = failure;
        }

        JournalFailure failure() {
            return failure;
        }
    }

    Resumption resume() {
        return (Resumption) this.<ResumeReply>ask(replyTo -> new JournalCommand.Resume(JournalCommand.Resume.WHOEVER, replyTo));
    }

    ResumeReply resumeAfter(long incarnation) {
        return ask(replyTo -> new JournalCommand.Resume(incarnation, replyTo));
    }

    Resumption look() {
        return ask(JournalCommand.Look::new);
    }

    LaneResumed resumeLane(long incarnation, long epoch, PreparedLane seal) {
        return ask(replyTo -> new JournalCommand.ResumeLane(incarnation, epoch, seal, replyTo));
    }

    CommitReply commit(long incarnation, MachineChanges changes) {
        return commit(incarnation, changes, 0);
    }

    CommitReply commit(long incarnation, MachineChanges changes, long branch) {
        return ask(replyTo -> new JournalCommand.Commit(incarnation, changes, branch, replyTo));
    }

    CommitReply prepare(long incarnation, MachineChanges changes, String digest, long branch) {
        return ask(replyTo -> new JournalCommand.Prepare(incarnation, changes, digest, branch, replyTo));
    }

    CommitReply commitLanes(JournalCommand.CommitLanes commit) {
        return ask(replyTo -> new JournalCommand.CommitLanes(commit.incarnation(), commit.tick(), commit.quiet(), commit.digest(), commit.lanes(),
                commit.branch(), replyTo));
    }
}
