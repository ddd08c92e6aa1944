package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;

/** A machine in an actor system, as a test speaks to it: every word waits for its answer. */
final class HostedMachine implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ActorSystem<?> system;
    private final ActorRef<MachineMessage> machine;

    HostedMachine(ActorSystem<SpawnProtocol.Command> system, Behavior<MachineMessage> behavior) {
        this.system = system;
        machine = ask(system, (ActorRef<ActorRef<MachineMessage>> replyTo) ->
                new SpawnProtocol.Spawn<>(behavior, "", Props.empty(), replyTo));
    }

    private <T> T ask(Function<ActorRef<T>, MachineMessage> message) {
        return ask(machine, message);
    }

    private <M, T> T ask(ActorRef<M> actor, Function<ActorRef<T>, M> message) {
        try {
            return AskPattern.ask(actor, message::apply, PATIENCE, system.scheduler()).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new AssertionError("no answer from the machine", e.getCause());
        }
    }

    RunReport run(long untilTick) {
        return ask(replyTo -> new MachineMessage.Run(untilTick, replyTo));
    }

    /** Runs, and throws what the machine failed of. */
    void runWell(long untilTick) {
        if (run(untilTick) instanceof RunReport.Failed failed) {
            throw failed.cause();
        }
    }

    long submit(OwnerId to, Command<?> command) {
        return this.<Long>ask(replyTo -> new MachineMessage.Submit(to, command, replyTo));
    }

    String digest() {
        return ask(MachineMessage.Digest::new);
    }

    byte[] snapshot() {
        return ask(MachineMessage.Snapshot::new);
    }

    List<Answer> takeAnswers() {
        return ask(MachineMessage.TakeAnswers::new);
    }

    void pause() {
        ask(MachineMessage.Pause::new);
    }

    @Override
    public void close() {
        machine.tell(new MachineMessage.Stop());
    }
}
