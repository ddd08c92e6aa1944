package org.foliofleet.node.actor;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.workload.MachineEnd;

/**
 * {@code hosting: machine}: one actor with all owners of a machine. It runs in bursts, and hears others between them.
 */
public final class MachineActor extends AbstractBehavior<MachineMessage> {
    /** Messages between owners after which it looks up: some milliseconds. */
    private static final int BURST = 4096;
    private static final Internal.GoOn GO_ON = new Internal.GoOn();

    private final Machine machine;
    private final RunGoal goal = new RunGoal();
    private final OwnersCommitted committed = new OwnersCommitted();
    private final EventSink sink;
    private RuntimeException failure;

    private MachineActor(ActorContext<MachineMessage> context, MachineParts parts, EventSink sink) {
        super(context);
        machine = new Machine(parts);
        this.sink = sink;
        if (sink != EventSink.NONE) {
            machine.listener((tick, owner, event) -> sink.happened(tick, owner.id(), event));
        }
    }

    /** @param parts belong to the actor from now on */
    public static Behavior<MachineMessage> create(MachineParts parts) {
        return create(parts, EventSink.NONE);
    }

    /** @param sink is told what happens */
    public static Behavior<MachineMessage> create(MachineParts parts, EventSink sink) {
        return Behaviors.setup(context -> new MachineActor(context, parts, sink));
    }

    @Override
    public Receive<MachineMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(Internal.GoOn.class, goOn -> onGoOn())
                .onMessage(MachineMessage.Run.class, this::onRun)
                .onMessage(MachineMessage.Pause.class, this::onPause)
                .onMessage(MachineMessage.Submit.class, this::onSubmit)
                .onMessage(MachineMessage.TakeAnswers.class, this::onTakeAnswers)
                .onMessage(MachineMessage.Digest.class, this::onDigest)
                .onMessage(MachineMessage.Snapshot.class, this::onSnapshot)
                .onMessage(MachineMessage.Result.class, this::onResult)
                .onMessage(MachineMessage.Commit.class, this::onCommit)
                .onMessage(MachineMessage.AllCommitted.class, all -> onAllCommitted())
                .onMessage(MachineMessage.Stop.class, stop -> Behaviors.stopped())
                .build();
    }

    private Behavior<MachineMessage> onGoOn() {
        if (goal.isEmpty()) {
            return this;
        }
        try {
            long pause = machine.messages() + BURST;
            while (!machine.isQuiet() && goal.wants(machine.nextTick()) && end() == null) {
                machine.step();
                if (machine.messages() >= pause) {
                    getContext().getSelf().tell(GO_ON);
                    return this;
                }
            }
            MachineEnd end = end();
            if (end != null) {
                goal.report(new RunReport.Ended(machine.tick(), end));
                return this;
            }
            machine.requireFinishedIfQuiet();
            goal.report(new RunReport.Reached(machine.tick(), machine.isQuiet() ? RunReport.NEVER : machine.nextTick(),
                    machine.programs()));
        } catch (RuntimeException e) {
            failure = e;
            goal.report(new RunReport.Failed(machine.tick(), e));
        }
        return this;
    }

    /** The end of the machine, if it was given a rule and has come to it; else null. */
    private MachineEnd end() {
        return goal.rule() == null ? null : machine.end(goal.rule());
    }

    private Behavior<MachineMessage> onRun(MachineMessage.Run run) {
        if (failure != null) {
            run.replyTo().tell(new RunReport.Failed(machine.tick(), failure));
            return this;
        }
        if (goal.isEmpty()) {
            getContext().getSelf().tell(GO_ON);
        }
        goal.add(run);
        return this;
    }

    private Behavior<MachineMessage> onPause(MachineMessage.Pause pause) {
        RunReport report = new RunReport.Paused(machine.tick());
        goal.report(report);
        pause.replyTo().tell(report);
        return this;
    }

    private Behavior<MachineMessage> onSubmit(MachineMessage.Submit submit) {
        submit.replyTo().tell(machine.submit(submit.to(), submit.command()));
        return this;
    }

    private Behavior<MachineMessage> onTakeAnswers(MachineMessage.TakeAnswers take) {
        List<Answer> answers = new ArrayList<>();
        machine.drainAnswers((number, answer, cost) -> answers.add(new Answer(number, answer, cost)));
        take.replyTo().tell(answers);
        return this;
    }

    private Behavior<MachineMessage> onDigest(MachineMessage.Digest digest) {
        digest.replyTo().tell(machine.digest());
        return this;
    }

    private Behavior<MachineMessage> onSnapshot(MachineMessage.Snapshot snapshot) {
        snapshot.replyTo().tell(machine.snapshot());
        return this;
    }

    private Behavior<MachineMessage> onAllCommitted() {
        committed.allCommitted(machine.owners());
        return this;
    }

    private Behavior<MachineMessage> onResult(MachineMessage.Result result) {
        result.replyTo().tell(machine.result(result.rule()));
        return this;
    }

    private Behavior<MachineMessage> onCommit(MachineMessage.Commit commit) {
        commit.replyTo().tell(committed.commit(machine, sink.take()));
        return this;
    }
}
