package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalCommand.Committed;
import org.foliofleet.node.journal.JournalCommand.Written;
import org.foliofleet.node.journal.JournalDamage;
import org.foliofleet.node.journal.JournalFailure;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.protocol.experiment.MachineResult;

/**
 * One incarnation of a machine: from its last commit, epoch by epoch, until it ends, rests or is disturbed. While a commit is
 * being written the machine runs on, but the next commit waits for it. A interruption is told, and is the end of it.
 */
final class MachineRun extends AbstractBehavior<MachineRun.Message> {
    /** What it hears. */
    sealed interface Message {}

    /** Comes to rest at the next commit. */
    record Pause() implements Message {}

    private record Resumed(JournalCommand.ResumeReply reply) implements Message {}

    private record Ran(RunReport report) implements Message {}

    private record Told(MachineResult result) implements Message {}

    private record Changed(MachineChanges changes) implements Message {}

    private record Replied(JournalCommand.CommitReply reply) implements Message {}

    private record NoAnswer() implements Message {}

    /** For the journal, which itself gives up earlier. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Plan plan;
    private final ActorRef<JournaledMachine.Message> life;
    private final TimerScheduler<Message> timers;
    private final ActorRef<JournalCommand> journal;
    private ActorRef<MachineMessage> machine;
    private long incarnation;
    /** The next in which anybody is due. */
    private long nextTick;
    private long committedAtNanos = System.nanoTime();
    /** Changes that are being written, and those that wait for that; null for none. */
    private MachineChanges writing;
    private MachineChanges next;
    private boolean pausing;
    /** Whether the machine runs no more, and is as it is written. */
    private boolean resting;
    /** What the machine was made of; null: of nothing. */
    private Committed committed;
    /** What came of the machine, once it has come to its end by its rule. */
    private MachineResult result;
    /** Whether that is being written. */
    private boolean ending;

    private MachineRun(ActorContext<Message> context, TimerScheduler<Message> timers, Plan plan, long after, Behavior<JournalCommand> journal,
            ActorRef<JournaledMachine.Message> life) {
        super(context);
        this.timers = timers;
        this.plan = plan;
        this.life = life;
        this.journal = context.spawn(journal, "journal");
        context.watch(this.journal);
        this.journal.tell(new JournalCommand.Resume(after, context.messageAdapter(JournalCommand.ResumeReply.class, Resumed::new)));
        timers.startSingleTimer(new NoAnswer(), PATIENCE);
    }

    /** @param after the incarnation before, if that was in the same life */
    static Behavior<Message> create(Plan plan, long after, Behavior<JournalCommand> journal, ActorRef<JournaledMachine.Message> life) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new MachineRun(context, timers, plan, after, journal, life)));
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Pause.class, pause -> onPause())
                .onMessage(Resumed.class, resumed -> onResumed(resumed.reply()))
                .onMessage(Ran.class, ran -> onRan(ran.report()))
                .onMessage(Told.class, told -> onResult(told.result()))
                .onMessage(Changed.class, changed -> onChanged(changed.changes()))
                .onMessage(Replied.class, replied -> onReplied(replied.reply()))
                .onMessage(NoAnswer.class, noAnswer -> interrupted(Interruption.Kind.AWAY, "its journal does not answer"))
                .onSignal(ChildFailed.class, this::onChildFailed)
                .onSignal(Terminated.class, child -> interrupted(Interruption.Kind.FAULT, "an actor of it ended"))
                .build();
    }

    private Behavior<Message> interrupted(Interruption.Kind kind, String cause) {
        life.tell(new JournaledMachine.Interrupted(new Interruption(kind, cause)));
        return Behaviors.stopped();
    }

    private Behavior<Message> ended(Progress lastWord) {
        life.tell(new JournaledMachine.Told(lastWord));
        return Behaviors.stopped();
    }

    private Behavior<Message> onChildFailed(ChildFailed child) {
        if (!child.getRef().equals(journal)) {
            return interrupted(Interruption.Kind.FAULT, "its actor failed: " + child.getCause());
        }
        JournalFailure failure = JournalFailure.of(child.getCause());
        return switch (failure.kind()) {
            case UNAVAILABLE -> interrupted(Interruption.Kind.AWAY, failure.reason());
            case REFUSED -> interrupted(Interruption.Kind.SUPERSEDED, failure.reason());
            case DAMAGED -> interrupted(Interruption.Kind.DAMAGE, "its journal cannot be used: " + failure.reason());
        };
    }

    private Behavior<Message> onPause() {
        pausing = true;
        return this;
    }

    // -- beginning -----------------------------------------------------------------------------------------------

    private Behavior<Message> onResumed(JournalCommand.ResumeReply reply) {
        timers.cancelAll();
        if (!(reply instanceof JournalCommand.Resumption resumption)) {
            return interrupted(Interruption.Kind.SUPERSEDED, "a later incarnation has begun");
        }
        incarnation = resumption.incarnation();
        committed = resumption.committed();
        MachineParts parts;
        try {
            parts = committed == null ? plan.start().get() : plan.resume().apply(verified(committed));
        } catch (RuntimeException e) {
            return interrupted(Interruption.Kind.DAMAGE, "it cannot go on from its journal: " + e.getMessage());
        }
        life.tell(new JournaledMachine.Told(committed == null ? new Progress.WentOn(0, parts.progress().tick(), "", incarnation)
                : new Progress.WentOn(committed.epoch(), committed.tick(), committed.digest(), incarnation)));
        if (plan.stop() == null && committed != null && committed.quiet()) {
            return ended(new Progress.Finished(committed.epoch(), committed.tick(), committed.digest(), null));
        }
        machine = getContext().spawn(plan.hosting().apply(parts), "machine");
        getContext().watch(machine);
        nextTick = parts.messages().stream().mapToLong(Due::tick).min().orElse(parts.progress().tick() + 1);
        runEpoch();
        return this;
    }

    private static MachineParts verified(Committed committed) {
        MachineParts parts = committed.rows().toParts();
        String digest = new Machine(parts).digest();
        if (!digest.equals(committed.digest())) {
            throw new JournalDamage("after epoch " + committed.epoch() + " the digest must be " + committed.digest() + ", but is " + digest);
        }
        return parts;
    }

    // -- epochs --------------------------------------------------------------------------------------------------

    /** To the end of the epoch in which anybody is due next. */
    private void runEpoch() {
        long until = nextTick - nextTick % plan.epochTicks() + plan.epochTicks() - 1;
        machine.tell(new MachineMessage.Run(until, plan.stop(), getContext().messageAdapter(RunReport.class, Ran::new)));
    }

    private Behavior<Message> onRan(RunReport report) {
        if (report instanceof RunReport.Failed failed) {
            return interrupted(Interruption.Kind.FAULT, failed.cause().getMessage());
        }
        if (report instanceof RunReport.Ended) {
            machine.tell(new MachineMessage.Result(plan.stop(), getContext().messageAdapter(MachineResult.class, Told::new)));
            return this;
        }
        nextTick = report instanceof RunReport.Reached reached ? reached.nextTick() : nextTick;
        if (pausing || nextTick == RunReport.NEVER || isTimeToCommit()) {
            machine.tell(new MachineMessage.Commit(getContext().messageAdapter(MachineChanges.class, Changed::new)));
        } else {
            runEpoch();
        }
        return this;
    }

    /** The end is committed, unless it was before: then the machine was resumed to tell its result once more. */
    private Behavior<Message> onResult(MachineResult told) {
        result = told;
        if (committed != null && committed.digest().equals(result.digest())) {
            return ended(new Progress.Finished(committed.epoch(), committed.tick(), committed.digest(), result));
        }
        machine.tell(new MachineMessage.Commit(getContext().messageAdapter(MachineChanges.class, Changed::new)));
        return this;
    }

    private boolean isTimeToCommit() {
        return System.nanoTime() - committedAtNanos >= TimeUnit.MILLISECONDS.toNanos(plan.commitMillis());
    }

    // -- commits -------------------------------------------------------------------------------------------------

    private Behavior<Message> onChanged(MachineChanges changes) {
        if (writing == null) {
            write(changes);
        } else {
            next = changes;
        }
        return this;
    }

    private void write(MachineChanges changes) {
        writing = changes;
        committedAtNanos = System.nanoTime();
        journal.tell(new JournalCommand.Commit(incarnation, changes, getContext().messageAdapter(JournalCommand.CommitReply.class, Replied::new)));
        timers.startSingleTimer(new NoAnswer(), PATIENCE);
        ending = result != null;
        resting = changes.quiet() || pausing || ending;
        if (!resting) {
            runEpoch();
        }
    }

    private Behavior<Message> onReplied(JournalCommand.CommitReply reply) {
        timers.cancelAll();
        if (!(reply instanceof Written written)) {
            return interrupted(Interruption.Kind.SUPERSEDED, "a later incarnation has begun");
        }
        MachineChanges was = writing;
        writing = null;
        life.tell(new JournaledMachine.Told(new Progress.Epoch(written.epoch(), written.tick(), written.digest(), was.delivered())));
        if (ending || plan.stop() == null && written.quiet()) {
            return ended(new Progress.Finished(written.epoch(), written.tick(), written.digest(), result));
        }
        if (next != null) {
            MachineChanges changes = next;
            next = null;
            write(changes);
            return this;
        }
        return resting ? ended(new Progress.Paused(written.epoch(), written.tick(), written.digest())) : this;
    }
}
