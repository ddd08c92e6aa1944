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
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.MachineJournal;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.experiment.MachineResult;

/**
 * A machine that goes on after anything. {@link MachineRun} is one incarnation of it; whatever disturbs that, the machine
 * steps back: the next incarnation begins with what the journal has, the last commit or the beginning. It gives up when it
 * was disturbed again and again without getting any further, when its journal is damaged, and when it was superseded. While
 * the database is away it waits.
 */
public final class JournaledMachine extends AbstractBehavior<JournaledMachine.Message> {
    /** What it hears. */
    public sealed interface Message {}

    /** Ends it at once, whatever it is doing; it can go on later. */
    public record Stop() implements Message {}

    /** Commits at the end of the epoch, and ends; it can go on later. */
    public record Pause() implements Message {}

    /** From the incarnation. */
    record Told(Progress progress) implements Message {}

    /** The last that the incarnation says. */
    record Interrupted(Interruption interruption) implements Message {}

    private record GoOn() implements Message {}

    /** What it tells. {@link Paused}, {@link Finished}, {@link Failed} and {@link Superseded} are its last words. */
    public sealed interface Progress {
        /** It goes on from there; epoch 0 is the beginning, and its digest is empty. */
        record WentOn(long epoch, long tick, String digest, long incarnation) implements Progress {}

        /**
         * An epoch will be there after any crash.
         *
         * @param delivered messages that its owners have ever got
         * @param programs  how they were at the end of that epoch, or a little later
         * @param commitNanos wall time from the end of the epoch until it was written
         */
        record Epoch(long epoch, long tick, String digest, long delivered, WorkloadStatus programs, long commitNanos) implements Progress {}

        /**
         * It was disturbed, and returned to that epoch; it has gone on from there.
         *
         * @param kind of what disturbed it, one of a few words
         */
        record SteppedBack(long incarnation, long epoch, String kind, String cause) implements Progress {}

        /** The database is away; it tries again, less and less often, for ever. */
        record Waiting(String cause) implements Progress {}

        /** It rests at that epoch. */
        record Paused(long epoch, long tick, String digest) implements Progress {}

        /**
         * It has come to its end, and that is committed.
         *
         * @param result what came of its programs; null if it was not given a rule by which it ends
         */
        record Finished(long epoch, long tick, String digest, MachineResult result) implements Progress {}

        /** The machine does not go on. */
        record Failed(String reason) implements Progress {}

        /** Somebody else goes on with the machine. */
        record Superseded() implements Progress {}
    }

    /**
     * How a machine is run.
     *
     * @param name         names the machine among all of the database
     * @param start        makes the machine, if the journal knows nothing of it
     * @param resume       gives a machine of the journal what is not in it, such as the programs of its experiment
     * @param hosting      {@link MachineActor#create} or {@link MachineClock#create}; of a machine with one lane
     * @param stop         says when the machine has come to its end; null: when nothing is under way
     * @param epochTicks   ticks of an epoch; commits are made at ends of epochs
     * @param commitMillis wall time between two commits; 0 commits every epoch. Results do not depend on commits
     * @param branchEvery  every so many epochs there is a commit that is kept; 0 keeps none
     * @param history      whether the journal deletes nothing
     * @param spread       where its other lanes are; null if it has one lane
     */
    public record Plan(String name, Supplier<MachineParts> start, UnaryOperator<MachineParts> resume,
            Function<MachineParts, Behavior<MachineMessage>> hosting, StopRule stop, long epochTicks, long commitMillis, long branchEvery,
            boolean history, SpreadLanes spread) {
        /** With one lane, until nothing is under way. */
        public Plan(String name, Supplier<MachineParts> start, UnaryOperator<MachineParts> resume,
                Function<MachineParts, Behavior<MachineMessage>> hosting, long epochTicks, long commitMillis) {
            this(name, start, resume, hosting, null, epochTicks, commitMillis);
        }

        /** With one lane, without branch points and history. */
        public Plan(String name, Supplier<MachineParts> start, UnaryOperator<MachineParts> resume,
                Function<MachineParts, Behavior<MachineMessage>> hosting, StopRule stop, long epochTicks, long commitMillis) {
            this(name, start, resume, hosting, stop, epochTicks, commitMillis, 0, false, null);
        }

        /** The last branch point that lies between the epochs of those ticks, or 0. */
        long branchPoint(long tick, long nextTick) {
            if (branchEvery == 0) {
                return 0;
            }
            long point = nextTick / epochTicks;
            point -= point % branchEvery;
            return point > tick / epochTicks ? point : 0;
        }
    }

    private final Plan plan;
    private final ActorRef<Progress> listener;
    private final Supplier<Behavior<JournalCommand>> journals;
    private final TimerScheduler<Message> timers;
    private final StepBacks stepBacks = new StepBacks();
    /** Null between two incarnations. */
    private ActorRef<MachineRun.Message> run;
    private long incarnation = JournalCommand.Resume.WHOEVER;
    /** Where it would go on from, as far as that is known. */
    private Progress.Paused last;
    /** What the last incarnation ended of, until the next has begun. */
    private Interruption interruption;
    private boolean pausing;

    private JournaledMachine(ActorContext<Message> context, TimerScheduler<Message> timers, Plan plan, ActorRef<Progress> listener,
            Supplier<Behavior<JournalCommand>> journals) {
        super(context);
        this.timers = timers;
        this.plan = plan;
        this.listener = listener;
        this.journals = journals;
        begin();
    }

    /** @param listener is told how it goes */
    public static Behavior<Message> create(Plan plan, ActorRef<Progress> listener) {
        return create(plan, listener, () -> MachineJournal.create(plan.name(), 0, plan.history()));
    }

    static Behavior<Message> create(Plan plan, ActorRef<Progress> listener, Supplier<Behavior<JournalCommand>> journals) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new JournaledMachine(context, timers, plan, listener, journals)));
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onMessage(Pause.class, pause -> onPause())
                .onMessage(Told.class, told -> onTold(told.progress()))
                .onMessage(Interrupted.class, interrupted -> onInterrupted(interrupted.interruption()))
                .onMessage(GoOn.class, goOn -> begin())
                .onSignal(ChildFailed.class, child -> onEnded(new Interruption(Interruption.Kind.FAULT, "its actor failed: " + child.getCause())))
                .onSignal(Terminated.class, child -> onEnded(new Interruption(Interruption.Kind.FAULT, "its actor ended")))
                .build();
    }

    private Behavior<Message> begin() {
        run = getContext().spawnAnonymous(plan.spread() == null ? ColocatedRun.create(plan, incarnation, journals.get(), getContext().getSelf())
                : SpreadRun.create(plan, incarnation, journals.get(), getContext().getSelf()));
        getContext().watch(run);
        if (pausing) {
            run.tell(new MachineRun.Pause());
        }
        return this;
    }

    private Behavior<Message> onPause() {
        pausing = true;
        if (run != null) {
            run.tell(new MachineRun.Pause());
            return this;
        }
        return last == null ? this : end(last);
    }

    private Behavior<Message> end(Progress lastWord) {
        listener.tell(lastWord);
        return Behaviors.stopped();
    }

    private Behavior<Message> onTold(Progress progress) {
        if (progress instanceof Progress.WentOn from) {
            incarnation = from.incarnation();
            last = new Progress.Paused(from.epoch(), from.tick(), from.digest());
            if (interruption != null) {
                listener.tell(new Progress.SteppedBack(incarnation, from.epoch(), interruption.kind().word(), interruption.cause()));
                interruption = null;
            }
        } else if (progress instanceof Progress.Epoch epoch) {
            last = new Progress.Paused(epoch.epoch(), epoch.tick(), epoch.digest());
            stepBacks.committed();
        }
        listener.tell(progress);
        return progress instanceof Progress.Finished || progress instanceof Progress.Paused ? Behaviors.stopped() : this;
    }

    private Behavior<Message> onInterrupted(Interruption what) {
        interruption = what;
        return this;
    }

    /** The incarnation is gone, with all its actors: nothing of it can disturb the next. */
    private Behavior<Message> onEnded(Interruption ifItSaidNothing) {
        run = null;
        if (interruption == null) {
            interruption = ifItSaidNothing;
        }
        switch (interruption.kind()) {
            case DAMAGE:
                return end(new Progress.Failed("machine " + plan.name() + ": " + interruption.cause()));
            case SUPERSEDED:
                return end(new Progress.Superseded());
            case SPREAD_ANEW:
                interruption = null;
                return begin();
            case AWAY:
                listener.tell(new Progress.Waiting(interruption.cause()));
                break;
            default:
                if (stepBacks.isTooOften()) {
                    return end(new Progress.Failed("machine " + plan.name() + ": " + StepBacks.LIMIT + " times after epoch "
                            + (last == null ? 0 : last.epoch()) + ", so it does not go on: " + interruption.cause()));
                }
        }
        if (pausing && last != null) {
            return end(last);
        }
        Duration place = RecoveryLimit.of(getContext().getSystem()).reserve(System.nanoTime());
        Duration backOff = stepBacks.backOff();
        timers.startSingleTimer(new GoOn(), place.compareTo(backOff) > 0 ? place : backOff);
        return this;
    }
}
