package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;

/**
 * A machine in an actor system, for whoever has a thread to wait with: every word waits for its answer.
 *
 * <p>Methods throw {@link IllegalStateException} if the answer does not come.
 */
public final class HostedMachine implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final ActorSystem<?> system;
    private final ActorRef<MachineMessage> machine;

    /** @param behavior of {@link MachineActor} or {@link MachineClock} */
    public HostedMachine(ActorSystem<SpawnProtocol.Command> system, Behavior<MachineMessage> behavior) {
        this.system = system;
        machine = spawn(system, behavior);
    }

    /**
     * A machine over several lanes, all of them in this actor system.
     *
     * @param parts    belong to the actors from now on
     * @param patience how long an owner may take for a turn, and another lane for a tick
     * @param sink     is told what happens, by the lanes at the same time
     */
    public static HostedMachine spread(ActorSystem<SpawnProtocol.Command> system, String name, MachineParts parts, int lanes, Duration patience,
            EventSink sink) {
        List<MachineParts> parted = parts.split(new Lanes(lanes));
        List<ActorRef<MachineMessage>> clocks = new ArrayList<>();
        HostedMachine machine = new HostedMachine(system, MachineClock.lane(new LaneName(name, 1, 0, lanes), parted.get(0), patience, sink, null));
        clocks.add(machine.machine);
        for (int lane = 1; lane < lanes; lane++) {
            clocks.add(machine.spawn(system, MachineClock.lane(new LaneName(name, 1, lane, lanes), parted.get(lane), patience, sink, null)));
        }
        clocks.forEach(clock -> clock.tell(new MachineMessage.Connect(clocks)));
        return machine;
    }

    private ActorRef<MachineMessage> spawn(ActorSystem<SpawnProtocol.Command> parent, Behavior<MachineMessage> behavior) {
        return ask(parent, (ActorRef<ActorRef<MachineMessage>> replyTo) -> new SpawnProtocol.Spawn<>(behavior, "", Props.empty(), replyTo));
    }

    /** @param machine that is there already */
    public HostedMachine(ActorSystem<?> system, ActorRef<MachineMessage> machine) {
        this.system = system;
        this.machine = machine;
    }

    private <T> T ask(Function<ActorRef<T>, MachineMessage> message) {
        return ask(machine, message);
    }

    private <M, T> T ask(ActorRef<M> actor, Function<ActorRef<T>, M> message) {
        try {
            return AskPattern.ask(actor, message::apply, PATIENCE, system.scheduler()).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new IllegalStateException("no answer from the machine: " + e.getCause().getMessage(), e.getCause());
        }
    }

    /** Runs all ticks up to that one in which anybody is due. */
    public RunReport run(long untilTick) {
        return ask(replyTo -> new MachineMessage.Run(untilTick, replyTo));
    }

    /** Runs all ticks up to that one, or to the end of the machine. */
    public RunReport run(long untilTick, StopRule rule) {
        return ask(replyTo -> new MachineMessage.Run(untilTick, rule, replyTo));
    }

    /** What came of the machine so far. */
    public MachineResult result(StopRule rule) {
        return ask(replyTo -> new MachineMessage.Result(rule, replyTo));
    }

    /** Runs, and throws what the machine failed of. */
    public void runWell(long untilTick) {
        if (run(untilTick) instanceof RunReport.Failed failed) {
            throw failed.cause();
        }
    }

    /** Runs well, and does something while the machine may be running. */
    public void runMeanwhile(long untilTick, Runnable something) {
        CompletableFuture<RunReport> report = AskPattern.ask(machine, (ActorRef<RunReport> replyTo) -> new MachineMessage.Run(untilTick, replyTo),
                PATIENCE, system.scheduler()).toCompletableFuture();
        something.run();
        if (report.join() instanceof RunReport.Failed failed) {
            throw failed.cause();
        }
    }

    /** Asks an owner from outside; the result is under which number the answer can be had. */
    public long submit(OwnerId to, Command<?> command) {
        return this.<Long>ask(replyTo -> new MachineMessage.Submit(to, command, replyTo));
    }

    /** The machine's fingerprint, which does not depend on its hosting. */
    public String digest() {
        return ask(MachineMessage.Digest::new);
    }

    /** All that the machine is, as bytes that any hosting can go on with. */
    public byte[] snapshot() {
        return ask(MachineMessage.Snapshot::new);
    }

    /** What has changed since the last time, for the journal. */
    public MachineChanges commit() {
        return ask(MachineMessage.Commit::new);
    }

    /** Like {@link #commit}, with what has changed told to the hosts of the lanes. */
    public LaneCommit commitLanes() {
        return ask(MachineMessage.CommitLanes::new);
    }

    /** Takes the answers that came since, by number. */
    public List<Answer> takeAnswers() {
        return ask(MachineMessage.TakeAnswers::new);
    }

    /** Ends a run that somebody else waits for. */
    public void pause() {
        ask(MachineMessage.Pause::new);
    }

    /** Ends its actors. */
    @Override
    public void close() {
        machine.tell(new MachineMessage.Stop());
    }
}
