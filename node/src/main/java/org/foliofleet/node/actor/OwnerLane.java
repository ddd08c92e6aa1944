package org.foliofleet.node.actor;

import akka.actor.typed.javadsl.ActorContext;
import java.util.List;
import java.util.function.Consumer;
import org.foliofleet.node.actor.OwnerReply.TurnFailed;
import org.foliofleet.node.actor.OwnerReply.TurnTaken;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.TickSettings;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.WorkloadId;

/** The owners of one clock: knows who is due when, gives them their turns, and asks what they are like. */
final class OwnerLane {
    final LaneName name;
    final TickSettings settings;
    final Schedule<OwnerHandle> schedule;
    final OwnerTable owners;
    private final Topology topology;
    private final OwnerRound round;
    private final MeasureRound measuring;
    private final EventSink sink;
    /** How the programs were at the end of the last tick, if they are in this lane. */
    private WorkloadStatus programs;
    /** What is done when all answers of the round are there; null while nothing is awaited. */
    private Runnable afterRound;
    /** Operations that wait, of all owners. */
    private long waiting;
    private long answersCame;

    OwnerLane(ActorContext<MachineMessage> context, LaneName name, MachineParts parts, OwnerActors actors, EventSink sink) {
        this.name = name;
        this.sink = sink;
        topology = parts.topology();
        settings = new TickSettings(parts.settings());
        owners = new OwnerTable(context, actors);
        schedule = new Schedule<>(owners::get);
        round = new OwnerRound(context.getSelf());
        measuring = new MeasureRound(context.getSelf());
        programs = parts.programs();
        owners.adopt(parts.owners());
        parts.owners().forEach(owner -> waiting += owners.get(owner.id()).waiting);
        schedule.restore(parts.progress(), parts.messages(), parts.answers());
    }

    // -- rounds --------------------------------------------------------------------------------------------------

    /** Whether answers of owners are awaited. */
    boolean isAsking() {
        return afterRound != null;
    }

    /** What is to be journaled of what happened since the last time. */
    List<byte[]> takeEvents() {
        return sink.take();
    }

    /** Answers that have come. */
    long answersCame() {
        return answersCame;
    }

    /** Owners that have not answered; some of them. */
    String missing() {
        return round.isComplete() ? measuring.missing() : round.missing();
    }

    /** Awaits nobody any more. */
    void giveUp() {
        afterRound = null;
    }

    /** Takes an answer; what was to be done after the last is then to be done. */
    void take(OwnerReply reply) {
        round.add(reply);
    }

    /** Takes an answer; what was to be done after the last is then to be done. */
    void take(OwnerReply.Measured measured) {
        measuring.add(measured);
    }

    /** Takes answers; what was to be done after the last is then to be done. */
    void take(FoldedReplies folded) {
        for (OwnerReply reply : folded.replies()) {
            round.add(reply);
        }
    }

    /** What is to be done now that answers have come; null if others are awaited. */
    Runnable afterAnswers() {
        answersCame++;
        if (afterRound == null || !round.isComplete() || !measuring.isComplete()) {
            return null;
        }
        Runnable action = afterRound;
        afterRound = null;
        return action;
    }

    /** Asks owners for their hash and, if wanted, their state. */
    void ask(List<OwnerHandle> those, boolean state, Runnable then) {
        round.begin(those.size());
        for (int i = 0; i < those.size(); i++) {
            round.ask(those.get(i), new OwnerTask.Report(i, state, round.replyTo(those.get(i))));
        }
        await(those.size(), then);
    }

    private void await(int answers, Runnable then) {
        round.send();
        if (answers == 0) {
            then.run();
        } else {
            afterRound = then;
        }
    }

    /**
     * Measures all owners.
     *
     * @param briefly whether only what is cheap to know is wanted
     */
    void measure(boolean briefly, Consumer<MachineMeasure> then) {
        measuring.begin(owners, briefly, schedule.messages());
        if (measuring.isComplete()) {
            then.accept(measuring.measure());
        } else {
            afterRound = () -> then.accept(measuring.measure());
        }
    }

    /** Tells the programs, which are in this lane, what the machine is like. */
    void see(MachineMeasure measure) {
        OwnerHandle workload = owners.get(new WorkloadId());
        tell(workload, new OwnerTask.See(0, measure.values(settings.now(), schedule.ticks()).values(), measure.vmas(), round.replyTo(workload)));
    }

    /** Tells the programs, which are in this lane, what was sampled after the last tick. */
    void sampled(MachineMeasure measure) {
        OwnerHandle workload = owners.get(new WorkloadId());
        tell(workload, new OwnerTask.Sampled(0, measure, schedule.tick(), round.replyTo(workload)));
    }

    private void tell(OwnerHandle workload, OwnerTask news) {
        round.begin(1);
        round.ask(workload, news);
        await(1, () -> {
            programs = ((OwnerReply.Saw) round.reply(0)).programs();
            owners.changed(workload);
        });
    }

    OwnerReply.Reported reported(int number) {
        return (OwnerReply.Reported) round.reply(number);
    }

    // -- turns ---------------------------------------------------------------------------------------------------

    /** Begins a tick: gives their turns to those who are due, if anybody is. */
    void beginTick(long tick, Runnable then) {
        int count = schedule.begin(tick);
        TickContext context = new TickContext(tick, topology, settings.now());
        round.begin(count);
        for (int i = 0; i < count; i++) {
            OwnerHandle owner = schedule.station(i);
            round.ask(owner, new OwnerTask.TakeTurn(i, context, schedule.mailbox(i), round.replyTo(owner)));
        }
        await(count, then);
    }

    /**
     * How many turns were taken.
     *
     * @throws RuntimeException if one has failed
     */
    int turns() {
        for (int i = 0; i < round.size(); i++) {
            if (round.reply(i) instanceof TurnFailed failed) {
                throw failed.cause();
            }
        }
        return round.size();
    }

    TurnTaken turn(int number) {
        return (TurnTaken) round.reply(number);
    }

    /**
     * Takes note of what happened in a turn.
     *
     * @throws InvariantViolation if a message of the owner is missing
     */
    void note(int number) {
        OwnerHandle owner = schedule.station(number);
        TurnTaken turn = turn(number);
        for (int i = 0; i < turn.sent().length; i++) {
            owner.sequence++;
            requireSequence(owner, turn.sent()[i].sequence() == owner.sequence);
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
    }

    /** Ends a turn, when what was sent before and in it has been routed. */
    void end(int number) {
        OwnerHandle owner = schedule.station(number);
        if (schedule.end(number, turn(number).ended())) {
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

    /** How the programs were at the end of the last tick, if they are in this lane. */
    WorkloadStatus programs() {
        return programs;
    }

    /** Operations that wait. */
    long waiting() {
        return waiting;
    }

    /** Keys of some owners in which operations wait. */
    List<Long> waiters() {
        return owners.sorted().stream().filter(owner -> owner.waiting > 0).limit(10).map(OwnerHandle::key).toList();
    }

    Topology topology() {
        return topology;
    }

    MachineParts parts(List<Owner> those, List<Due> messages) {
        List<Answer> answers = schedule.answers().list();
        return new MachineParts(topology, settings.now(), schedule.progress(), those, messages, answers);
    }
}
