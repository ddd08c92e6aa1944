package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.foliofleet.node.actor.OwnerReply.TurnFailed;
import org.foliofleet.node.actor.OwnerReply.TurnTaken;
import org.foliofleet.node.mm.CostTable;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineImage;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerImage;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.node.mm.machine.TickSettings;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.WorkloadId;
import org.foliofleet.protocol.message.Envelope;

/**
 * {@code hosting: owner}: every owner of a machine is an actor, and this is their clock. It knows who is due when, and no
 * model state. In each tick it hands every due owner its inbox; when the last has answered with what it sent, it routes
 * that in the order of the owners, and the tick is over. What others want is done between two ticks.
 */
public final class MachineClock extends AbstractBehavior<MachineMessage> {
    private static final Internal.Watch WATCH = new Internal.Watch();

    private final Topology topology;
    private final TickSettings settings;
    private final Schedule<OwnerHandle> schedule;
    private final OwnerTable owners;
    private final OwnerRound round;
    private final MeasureRound measuring;
    private final RunGoal goal = new RunGoal();
    /** What others want; it waits for the end of the tick. */
    private final ArrayDeque<MachineMessage> wishes = new ArrayDeque<>();
    /** What is done when all answers of the round are there; null while nothing is awaited. */
    private Runnable afterRound;
    /** Operations that wait, of all owners. */
    private long waiting;
    private long answersCame;
    private long answersSeen;
    /** How the programs were at the end of the last tick. */
    private WorkloadStatus programs;
    private final CommittedHashes committed = new CommittedHashes();
    private RuntimeException failure;

    private final EventSink sink;

    private MachineClock(ActorContext<MachineMessage> context, MachineParts parts, OwnerActors actors, EventSink sink) {
        super(context);
        this.sink = sink;
        topology = parts.topology();
        settings = new TickSettings(parts.settings());
        owners = new OwnerTable(context, actors);
        schedule = new Schedule<>(owners::get);
        round = new OwnerRound(context.getSelf());
        measuring = new MeasureRound(context.getSelf());
        programs = parts.programs();
        owners.adopt(parts.owners());
        owners.sorted().forEach(owner -> waiting += owner.waiting);
        schedule.restore(parts.progress(), parts.messages(), parts.answers());
    }

    /**
     * A machine whose owners are actors.
     *
     * @param parts    belong to the actors from now on
     * @param patience how long an owner may take for a turn; one that takes longer is taken for lost
     */
    public static Behavior<MachineMessage> create(MachineParts parts, Duration patience) {
        return create(parts, patience, EventSink.NONE);
    }

    /** @param sink is told what happens */
    public static Behavior<MachineMessage> create(MachineParts parts, Duration patience, EventSink sink) {
        return create(parts, patience, OwnerActor::create, sink);
    }

    static Behavior<MachineMessage> create(MachineParts parts, Duration patience, OwnerActors actors) {
        return create(parts, patience, actors, EventSink.NONE);
    }

    private static Behavior<MachineMessage> create(MachineParts parts, Duration patience, OwnerActors actors, EventSink sink) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(WATCH, patience);
            return new MachineClock(context, parts, actors, sink);
        }));
    }

    @Override
    public Receive<MachineMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(OwnerReply.Measured.class, this::onMeasured)
                .onMessage(OwnerReply.class, this::onReply)
                .onMessage(FoldedReplies.class, this::onFoldedReplies)
                .onMessage(Internal.Watch.class, watch -> onWatch())
                .onMessage(MachineMessage.Stop.class, stop -> Behaviors.stopped())
                .onMessage(MachineMessage.class, this::onWish)
                .build();
    }

    // -- what owners answer --------------------------------------------------------------------------------------

    private Behavior<MachineMessage> onReply(OwnerReply reply) {
        round.add(reply);
        return afterReplies();
    }

    private Behavior<MachineMessage> onMeasured(OwnerReply.Measured measured) {
        measuring.add(measured);
        return afterReplies();
    }

    private Behavior<MachineMessage> onFoldedReplies(FoldedReplies folded) {
        for (OwnerReply reply : folded.replies()) {
            round.add(reply);
        }
        return afterReplies();
    }

    private Behavior<MachineMessage> afterReplies() {
        answersCame++;
        if (afterRound != null && round.isComplete() && measuring.isComplete()) {
            Runnable action = afterRound;
            afterRound = null;
            attempt(action);
            goOn();
        }
        return this;
    }

    /** Two looks without an answer between them: somebody does not answer. */
    private Behavior<MachineMessage> onWatch() {
        if (afterRound != null && answersCame == answersSeen) {
            fail(new InvariantViolation("tick " + schedule.tick() + ": no answer from " + (round.isComplete() ? measuring.missing() : round.missing())));
        }
        answersSeen = answersCame;
        return this;
    }

    private void attempt(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void fail(RuntimeException cause) {
        failure = cause;
        afterRound = null;
        goal.report(new RunReport.Failed(schedule.tick(), cause));
        goOn();
    }

    // -- what others want ----------------------------------------------------------------------------------------

    private Behavior<MachineMessage> onWish(MachineMessage wish) {
        wishes.add(wish);
        goOn();
        return this;
    }

    /** Between two ticks: does what others want, then begins the next. */
    private void goOn() {
        while (afterRound == null && !wishes.isEmpty()) {
            grant(wishes.poll());
        }
        if (afterRound == null && failure == null && !goal.isEmpty()) {
            attempt(this::beginTickOrEnd);
        }
    }

    private void grant(MachineMessage wish) {
        if (wish instanceof MachineMessage.Run run) {
            goal.add(run);
            if (failure != null) {
                goal.report(new RunReport.Failed(schedule.tick(), failure));
            }
        } else if (failure != null) {
            getContext().getLog().warn("a machine that has failed is asked for {}", wish);
        } else if (wish instanceof MachineMessage.Pause pause) {
            RunReport report = new RunReport.Paused(schedule.tick());
            goal.report(report);
            pause.replyTo().tell(report);
        } else if (wish instanceof MachineMessage.Submit submit) {
            submit.replyTo().tell(schedule.submit(submit.to(), submit.command()));
        } else if (wish instanceof MachineMessage.TakeAnswers take) {
            List<Answer> answers = schedule.answers().list();
            schedule.answers().drain((number, value, cost) -> { });
            take.replyTo().tell(answers);
        } else if (wish instanceof MachineMessage.Digest digest) {
            digest(digest.replyTo());
        } else if (wish instanceof MachineMessage.Snapshot snapshot) {
            snapshot(snapshot.replyTo());
        } else if (wish instanceof MachineMessage.Commit commit) {
            commit(commit.replyTo());
        }
    }

    // -- ticks ---------------------------------------------------------------------------------------------------

    private void beginTickOrEnd() {
        if (!schedule.isQuiet() && goal.wants(schedule.nextTick())) {
            beginTick();
            return;
        }
        if (schedule.isQuiet() && waiting > 0) {
            throw new InvariantViolation("tick " + schedule.tick() + ": the machine is quiet, but operations wait in "
                    + owners.sorted().stream().filter(owner -> owner.waiting > 0).limit(10).toList());
        }
        goal.report(new RunReport.Reached(schedule.tick(), schedule.isQuiet() ? RunReport.NEVER : schedule.nextTick()));
    }

    private void beginTick() {
        int count = schedule.begin();
        TickContext context = new TickContext(schedule.tick(), topology, settings.now(), CostTable.MEASURED);
        round.begin(count);
        for (int i = 0; i < count; i++) {
            OwnerHandle owner = schedule.station(i);
            round.ask(owner, new OwnerTask.TakeTurn(i, context, schedule.mailbox(i), round.replyTo(owner)));
        }
        round.send();
        afterRound = this::endTick;
    }

    private void endTick() {
        for (int i = 0; i < round.size(); i++) {
            if (round.reply(i) instanceof TurnFailed failed) {
                throw failed.cause();
            }
        }
        for (int i = 0; i < round.size(); i++) {
            endTurn(i, schedule.station(i), (TurnTaken) round.reply(i));
        }
        settings.endTick();
        if (programs.unseen()) {
            look();
        }
    }

    /** Marks and failures of the tick are noted with what the machine is like after it. */
    private void look() {
        measure(measure -> {
            OwnerHandle workload = owners.get(new WorkloadId());
            round.begin(1);
            round.ask(workload, new OwnerTask.See(0, measure.values(settings.now(), schedule.ticks()).values(), measure.vmas(),
                    round.replyTo(workload)));
            afterRound = () -> {
                programs = ((OwnerReply.Saw) round.reply(0)).programs();
                owners.changed(workload);
            };
        });
    }

    private void endTurn(int number, OwnerHandle owner, TurnTaken turn) {
        Envelope[] sent = turn.sent();
        for (int i = 0; i < sent.length; i++) {
            owner.sequence++;
            requireSequence(owner, sent[i].sequence() == owner.sequence);
            if (turn.ticks() == null || turn.ticks()[i] == 0) {
                schedule.send(sent[i]);
            } else {
                schedule.sendAt(turn.ticks()[i], sent[i]);
            }
        }
        requireSequence(owner, turn.sequence() == owner.sequence);
        for (Object event : turn.events()) {
            settings.happened(event);
            if (sink != EventSink.NONE) {
                sink.happened(schedule.tick(), OwnerId.of(owner.key()), event);
            }
        }
        programs = turn.programs() == null ? programs : turn.programs();
        waiting += turn.waiting() - owner.waiting;
        owner.waiting = turn.waiting();
        if (schedule.end(number, turn.ended())) {
            owners.forget(owner);
        } else {
            owners.changed(owner);
        }
    }

    private void requireSequence(OwnerHandle owner, boolean unbroken) {
        if (!unbroken) {
            throw new InvariantViolation("tick " + schedule.tick() + ": a message of " + owner + " is missing, " + owner.sequence
                    + " or the one after it");
        }
    }

    // -- state ---------------------------------------------------------------------------------------------------

    private void report(List<OwnerHandle> of, boolean state, Runnable then) {
        round.begin(of.size());
        for (int i = 0; i < of.size(); i++) {
            round.ask(of.get(i), new OwnerTask.Report(i, state, round.replyTo(of.get(i))));
        }
        round.send();
        if (of.isEmpty()) {
            then.run();
        } else {
            afterRound = then;
        }
    }

    private void measure(Consumer<MachineMeasure> then) {
        measuring.begin(owners, schedule.messages());
        afterRound = () -> then.accept(measuring.measure());
    }

    private MachineParts partsWith(List<Owner> those) {
        return new MachineParts(topology, settings.now(), schedule.progress(), those, schedule.underWay(), schedule.answers().list());
    }

    private String digest() {
        return MachineImage.digest(owners.hashes(), schedule, settings.now(), topology);
    }

    private OwnerReply.Reported reported(int number) {
        return (OwnerReply.Reported) round.reply(number);
    }

    private void digest(ActorRef<String> replyTo) {
        List<OwnerHandle> changed = owners.takeDirty();
        report(changed, false, () -> {
            for (int i = 0; i < changed.size(); i++) {
                changed.get(i).hash = reported(i).hash();
            }
            replyTo.tell(digest());
        });
    }

    private void snapshot(ActorRef<byte[]> replyTo) {
        List<OwnerHandle> all = owners.sorted();
        report(all, true, () -> {
            List<Owner> images = new ArrayList<>(all.size());
            for (int i = 0; i < all.size(); i++) {
                images.add(OwnerImage.read(OwnerId.of(all.get(i).key()), reported(i).state(), topology));
            }
            replyTo.tell(partsWith(images).toBytes());
        });
    }

    private void commit(ActorRef<MachineChanges> replyTo) {
        List<OwnerHandle> changed = owners.takeUncommitted();
        report(changed, true, () -> {
            List<OwnerRow> rows = new ArrayList<>(changed.size());
            for (int i = 0; i < changed.size(); i++) {
                OwnerHandle owner = changed.get(i);
                owner.hash = reported(i).hash();
                if (committed.changes(owner.key(), owner.hash)) {
                    rows.add(new OwnerRow(owner.key(), reported(i).state()));
                }
            }
            List<Long> gone = committed.retain(owners::exists);
            replyTo.tell(MachineChanges.of(partsWith(List.of()), digest(), committed.isFirst(), rows, gone));
        });
    }
}
