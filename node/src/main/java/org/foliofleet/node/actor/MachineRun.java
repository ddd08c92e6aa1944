package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.ReceiveBuilder;
import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.journal.JournalCommand.Written;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.experiment.MachineResult;

/**
 * One incarnation of a machine: from its last commit, epoch by epoch, until it ends, rests or is disturbed. While a commit is
 * being written the machine runs on, but the next commit waits for it. A disturbance is told, and is the end of it.
 */
abstract class MachineRun extends AbstractBehavior<MachineRun.Message> {
    /** What it hears. */
    interface Message {}

    /** Comes to rest at the next commit. */
    record Pause() implements Message {}

    private record Resumed(JournalCommand.ResumeReply reply) implements Message {}

    private record Ran(RunReport report) implements Message {}

    private record CameTo(MachineResult result) implements Message {}

    private record Replied(JournalCommand.CommitReply reply) implements Message {}

    /** Names of actors that are journals begin like this. */
    static final String JOURNAL = "journal";
    /** For the journal, which itself gives up earlier. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** For all rows of a machine to be read and checked, or written for other lanes. */
    private static final Duration PATIENCE_FOR_ROWS = Duration.ofMinutes(15);

    final Plan plan;
    final ActorRef<JournaledMachine.Message> life;
    final TimerScheduler<Message> timers;
    final ActorRef<JournalCommand> journal;
    final ActorRef<JournalCommand.CommitReply> written;
    final Awaited awaited;
    /** The machine, or its first lane; null before it runs. */
    ActorRef<MachineMessage> machine;
    long incarnation;
    /** Of the last commit. */
    private long epoch;
    private long committedTick = -1;
    private String digest = "";
    /** At the end of the last epoch. */
    private WorkloadStatus programs = WorkloadStatus.NONE;
    /** The next in which anybody is due. */
    private long nextTick;
    private long committedAtNanos = System.nanoTime();
    private boolean writing;
    private long delivered;
    /** Whether a commit waits for the one that is being written. */
    private boolean due;
    /** Of the branch point that the next commit is; 0 if it is none. */
    private long branch;
    private boolean pausing;
    /** Whether the machine runs no more, and is as it is written. */
    private boolean resting;
    private boolean ended;

    MachineRun(ActorContext<Message> context, TimerScheduler<Message> timers, Plan plan, long after, Behavior<JournalCommand> journal,
            ActorRef<JournaledMachine.Message> life) {
        super(context);
        this.timers = timers;
        this.plan = plan;
        this.life = life;
        this.journal = context.spawn(journal, JOURNAL);
        written = context.messageAdapter(JournalCommand.CommitReply.class, Replied::new);
        context.watch(this.journal);
        this.journal.tell(new JournalCommand.Resume(after, context.messageAdapter(JournalCommand.ResumeReply.class, Resumed::new)));
        awaited = new Awaited(timers, plan.name());
        awaited.begins("its journal to say where it rests", PATIENCE);
    }

    @Override
    public final Receive<Message> createReceive() {
        return also(newReceiveBuilder())
                .onMessage(Pause.class, pause -> onPause())
                .onMessage(Resumed.class, resumed -> onResumed(resumed.reply()))
                .onMessage(Ran.class, ran -> onRan(ran.report()))
                .onMessage(Replied.class, replied -> onReplied(replied.reply()))
                .onMessage(CameTo.class, came -> finished(came.result()))
                .onMessage(Awaited.Look.class, look -> onLook())
                .onSignal(ChildFailed.class, this::onChildFailed)
                .onSignal(Terminated.class, this::onTerminated)
                .build();
    }

    /** What else it hears. */
    ReceiveBuilder<Message> also(ReceiveBuilder<Message> builder) {
        return builder;
    }

    /**
     * Goes on from there, or from the beginning, and {@linkplain #begin begins} when the machine can run.
     *
     * @throws RuntimeException if it cannot go on from its journal
     */
    abstract Behavior<Message> resume(JournalCommand.Resumption from);

    /** Has the machine say what has changed, and calls {@link #changed} when it may go on. */
    abstract void takeChanges(long branchPoint);

    final Behavior<Message> interrupted(Interruption.Kind kind, String cause) {
        life.tell(new JournaledMachine.Interrupted(new Interruption(kind, cause)));
        return Behaviors.stopped();
    }

    private Behavior<Message> onLook() {
        String overdue = awaited.overdue();
        return overdue == null ? this : interrupted(Interruption.Kind.AWAY, "it waits in vain for " + overdue);
    }

    private Behavior<Message> over(Progress lastWord) {
        life.tell(new JournaledMachine.Told(lastWord));
        return Behaviors.stopped();
    }

    private Behavior<Message> finished(MachineResult result) {
        return over(new Progress.Finished(epoch, committedTick, digest, result));
    }

    private Behavior<Message> onChildFailed(ChildFailed child) {
        return child.getRef().path().name().startsWith(JOURNAL) ? interrupted(Interruption.of(child.getCause()))
                : interrupted(Interruption.Kind.FAULT, "its actor failed: " + child.getCause());
    }

    final Behavior<Message> interrupted(Interruption interruption) {
        return interrupted(interruption.kind(), interruption.cause());
    }

    Behavior<Message> onTerminated(Terminated who) {
        return interrupted(Interruption.Kind.FAULT, "an actor of it ended");
    }

    private Behavior<Message> onPause() {
        pausing = true;
        return this;
    }

    // -- beginning -----------------------------------------------------------------------------------------------

    private Behavior<Message> onResumed(JournalCommand.ResumeReply reply) {
        if (!(reply instanceof JournalCommand.Resumption resumption)) {
            return interrupted(Interruption.Kind.SUPERSEDED, "a later incarnation has begun");
        }
        incarnation = resumption.incarnation();
        JournalCommand.Committed committed = resumption.committed();
        if (committed != null) {
            at(committed.epoch(), committed.tick(), committed.digest());
        }
        awaited.begins("its rows to be read", PATIENCE_FOR_ROWS);
        try {
            return resume(resumption);
        } catch (RuntimeException e) {
            return cannotGoOn(e);
        }
    }

    /** Something that was read, or made, cannot be used. */
    final Behavior<Message> cannotGoOn(Throwable cause) {
        Interruption interruption = Interruption.of(cause);
        if (interruption.kind() != Interruption.Kind.DAMAGE) {
            return interrupted(interruption);
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return interrupted(Interruption.Kind.DAMAGE, "it cannot go on from its journal: " + root.getMessage());
    }

    final void at(long committedEpoch, long tick, String committedDigest) {
        epoch = committedEpoch;
        committedTick = tick;
        digest = committedDigest;
    }

    /** The machine is there; it is as it was committed, or at its beginning. */
    final Behavior<Message> begin(long tick, long next) {
        awaited.ends();
        life.tell(new JournaledMachine.Told(new Progress.WentOn(epoch, tick, digest, incarnation)));
        nextTick = next;
        if (next == RunReport.NEVER && plan.stop() == null && epoch > 0) {
            return finished(null);
        }
        runEpoch();
        return this;
    }

    // -- epochs --------------------------------------------------------------------------------------------------

    /** To the end of the epoch in which anybody is due next. */
    private void runEpoch() {
        long from = nextTick == RunReport.NEVER ? 0 : nextTick;
        long until = from - from % plan.epochTicks() + plan.epochTicks() - 1;
        machine.tell(new MachineMessage.Run(until, plan.stop(), getContext().messageAdapter(RunReport.class, Ran::new)));
    }

    private Behavior<Message> onRan(RunReport report) {
        if (report instanceof RunReport.Failed failed) {
            return interrupted(Interruption.Kind.FAULT, failed.cause().getMessage());
        }
        boolean commit = pausing;
        if (report instanceof RunReport.Ended end) {
            ended = true;
            commit = true;
            if (end.tick() == committedTick && !writing) {
                return askResult();
            }
        } else if (report instanceof RunReport.Reached reached) {
            nextTick = reached.nextTick();
            programs = reached.programs();
            branch = nextTick == RunReport.NEVER ? 0 : plan.branchPoint(reached.tick(), nextTick);
            commit |= nextTick == RunReport.NEVER || branch != 0 || isTimeToCommit();
        }
        if (commit) {
            due = true;
            commitIfDue();
        } else {
            runEpoch();
        }
        return this;
    }

    private boolean isTimeToCommit() {
        return System.nanoTime() - committedAtNanos >= TimeUnit.MILLISECONDS.toNanos(plan.commitMillis());
    }

    private Behavior<Message> askResult() {
        if (plan.stop() == null) {
            return finished(null);
        }
        machine.tell(new MachineMessage.Result(plan.stop(), getContext().messageAdapter(MachineResult.class, CameTo::new)));
        return this;
    }

    // -- commits -------------------------------------------------------------------------------------------------

    private void commitIfDue() {
        if (due && !writing) {
            due = false;
            writing = true;
            awaited.begins("a commit to be written", PATIENCE);
            takeChanges(branch);
        }
    }

    /** What has changed is being written: the machine may run on. */
    final void changed(boolean quiet, long messages) {
        delivered = messages;
        committedAtNanos = System.nanoTime();
        resting = quiet || pausing || ended;
        if (!resting) {
            runEpoch();
        }
    }

    /** A word of the journal other than that the commit is written. */
    Behavior<Message> onJournal(JournalCommand.CommitReply reply) {
        return interrupted(Interruption.Kind.SUPERSEDED, "a later incarnation has begun");
    }

    private Behavior<Message> onReplied(JournalCommand.CommitReply reply) {
        if (!(reply instanceof Written commit)) {
            return onJournal(reply);
        }
        writing = false;
        at(commit.epoch(), commit.tick(), commit.digest());
        return afterCommit(awaited.ends());
    }

    private Behavior<Message> afterCommit(long nanos) {
        life.tell(new JournaledMachine.Told(new Progress.Epoch(epoch, committedTick, digest, delivered, programs, nanos)));
        if (due) {
            commitIfDue();
        } else if (resting && (ended || nextTick == RunReport.NEVER)) {
            return askResult();
        } else if (resting) {
            return over(new Progress.Paused(epoch, committedTick, digest));
        }
        return this;
    }
}
