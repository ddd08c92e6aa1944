package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.foliofleet.node.actor.LaneMessage.Report;
import org.foliofleet.node.actor.LaneMessage.Subject;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.node.mm.workload.MachineEnd;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Envelope;

/**
 * {@code hosting: owner}: every owner of a machine is an actor, and this is their clock. It knows who is due when, and no
 * model state. In each tick it hands every due owner its inbox; when the last has answered with what it sent, it routes
 * that in the order of the owners, and the tick is over. What others want is done between two ticks.
 *
 * <p>A machine with several lanes has a clock for the owners of each, and this is the first, which hears what others want.
 */
public final class MachineClock extends LaneClock {
    private static final Internal.Watch WATCH = new Internal.Watch();

    private final RunGoal goal = new RunGoal();
    /** What others want; it waits until all lanes stand. */
    private final ArrayDeque<MachineMessage> wishes = new ArrayDeque<>();
    private final LaneRound round;
    private final JoinedImage image;
    /** Whether no lane begins a tick before this one lets it. */
    private boolean stands = true;
    private long nextTick;
    /** The last tick that other lanes were told to run. */
    private long lastTickTold;
    private long waiting;
    private List<Long> waiters = List.of();

    private MachineClock(ActorContext<MachineMessage> context, Make make) {
        super(context, make);
        round = new LaneRound(name.lanes());
        image = new JoinedImage(name.lanes());
        round.begin(this::present);
        if (name.lanes() == 1) {
            connected();
        }
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
        return create(new Make(LaneName.alone(), parts, OwnerActor::create, sink, null), patience);
    }

    static Behavior<MachineMessage> create(MachineParts parts, Duration patience, OwnerActors actors) {
        return create(new Make(LaneName.alone(), parts, actors, EventSink.NONE, null), patience);
    }

    /**
     * One lane of a machine with several. It begins when it gets {@link MachineMessage.Connect}.
     *
     * @param parts    of this lane: {@link MachineParts#split}
     * @param patience how long an owner may take for a turn, and another lane for a tick
     * @param host     is told of the lane
     */
    public static Behavior<MachineMessage> lane(LaneName name, MachineParts parts, Duration patience, EventSink sink,
            ActorRef<? super LaneNews> host) {
        return create(new Make(name, parts, OwnerActor::create, sink, host), patience);
    }

    static Behavior<MachineMessage> lane(LaneName name, MachineParts parts, Duration patience, OwnerActors actors) {
        return create(new Make(name, parts, actors, EventSink.NONE, null), patience);
    }

    private static Behavior<MachineMessage> create(Make make, Duration patience) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(WATCH, patience);
            return make.name().isFirst() ? new MachineClock(context, make) : new FollowerClock(context, make);
        }));
    }

    // -- other lanes ---------------------------------------------------------------------------------------------

    @Override
    void connected() {
        reports.report(0, Subject.PRESENCE, report -> round.add(0, report));
    }

    private void present(AllReports all) {
        nextTick = LaneSeal.nextTick(all.seals());
        waiting = all.seals().stream().mapToLong(LaneSeal::waiting).sum();
        waiters = lane.waiters();
    }

    @Override
    void hear(int from, LaneMessage message) {
        if (!(message instanceof Report report)) {
            throw new InvariantViolation(name + " is told by lane " + from + ": " + message.getClass().getSimpleName());
        }
        round.add(from, report);
    }

    private void inquire(Subject subject, LaneRound.Then then) {
        long number = round.begin(then);
        post.sendAll(new LaneMessage.Inquiry(number, subject));
        reports.report(number, subject, report -> round.add(0, report));
    }

    @Override
    boolean isBusy() {
        return super.isBusy() || round.isAwaiting() && failure() == null;
    }

    @Override
    String missingElse() {
        return post.isConnected() && round.isAwaiting() ? "no report of lane " + round.missing() : "";
    }

    @Override
    void failed(RuntimeException cause) {
        stands = true;
        goal.report(new RunReport.Failed(lane.schedule.tick(), cause));
    }

    // -- what others want ----------------------------------------------------------------------------------------

    @Override
    Behavior<MachineMessage> onWish(MachineMessage wish) {
        wishes.add(wish);
        goOn();
        return this;
    }

    @Override
    Behavior<MachineMessage> onStop() {
        post.sendAll(new LaneMessage.End());
        return super.onStop();
    }

    /** Between two ticks: does what others want, if all lanes stand, then begins the next. */
    @Override
    void goOn() {
        while (!isBusy()) {
            if (failure() == null && samples()) {
                continue;
            }
            if (stands && !wishes.isEmpty()) {
                MachineMessage wish = wishes.poll();
                attempt(() -> grant(wish));
            } else if (failure() == null && !goal.isEmpty()) {
                attempt(this::beginTickOrEnd);
            } else {
                return;
            }
        }
    }

    private void grant(MachineMessage wish) {
        if (wish instanceof MachineMessage.Run run) {
            goal.add(run);
            if (failure() != null) {
                goal.report(new RunReport.Failed(lane.schedule.tick(), failure()));
            }
        } else if (failure() != null) {
            getContext().getLog().warn("a machine that has failed is asked for {}", wish);
        } else if (wish instanceof MachineMessage.Pause pause) {
            RunReport report = new RunReport.Paused(lane.schedule.tick());
            goal.report(report);
            pause.replyTo().tell(report);
        } else if (wish instanceof MachineMessage.Submit submit) {
            submit.replyTo().tell(submit(submit));
        } else if (wish instanceof MachineMessage.TakeAnswers take) {
            List<Answer> answers = lane.schedule.answers().list();
            lane.schedule.answers().drain((number, value, cost) -> { });
            take.replyTo().tell(answers);
        } else if (wish instanceof MachineMessage.Digest digest) {
            inquire(Subject.DIGEST, all -> digest.replyTo().tell(digest(all)));
        } else if (wish instanceof MachineMessage.Snapshot snapshot) {
            inquire(Subject.SNAPSHOT, all -> snapshot.replyTo().tell(all.snapshot()));
        } else if (wish instanceof MachineMessage.Result result) {
            inquire(Subject.DIGEST, all -> {
                String digest = digest(all);
                inquire(Subject.MEASURE, measured -> result.replyTo().tell(measured.measure().result(lane.settings.now(), moment(measured.idle()),
                        result.rule().end(moment(measured.idle()), lane.programs()), digest)));
            });
        } else if (wish instanceof MachineMessage.Commit commit) {
            inquire(Subject.CHANGES, all -> commit.replyTo().tell(changes(all)));
        } else if (wish instanceof MachineMessage.CommitLanes commit) {
            inquire(Subject.CHANGES_HERE, all -> {
                tellHost(new LaneNews.Changed(name, all.first().changes(), all.first().seal()));
                commit.replyTo().tell(new LaneCommit(lane.schedule.tick(), nextTick == Schedule.NEVER, digest(all), all.seals()));
            });
        }
    }

    private long submit(MachineMessage.Submit submit) {
        OwnerId to = submit.to();
        Envelope request = lane.schedule.address(to, submit.command());
        int where = name.table().of(to.key());
        if (where == 0) {
            lane.schedule.send(request);
        } else {
            post.send(where, new LaneMessage.Deliver(request));
        }
        nextTick = lane.schedule.tick() + 1;
        return request.flight();
    }

    private String digest(AllReports all) {
        return LaneSeal.digest(all.seals(), lane.parts(List.of(), List.of()));
    }

    private MachineChanges changes(AllReports all) {
        MachineChanges joined = all.changes(digest(all));
        return name.lanes() == 1 ? joined : image.mark(joined, all.each(Report::changes));
    }

    // -- ticks ---------------------------------------------------------------------------------------------------

    private StopRule.Moment moment(boolean idle) {
        return new StopRule.Moment(lane.schedule.tick(), nextTick, lane.schedule.ticks(), nextTick == Schedule.NEVER, idle);
    }

    /** Whether the machine has come to its end, if it was given a rule. Only the last lanes to fall idle are asked whether they are. */
    private void beginTickOrEnd() {
        StopRule rule = goal.rule();
        if (rule == null) {
            beginTickOrReport();
        } else if (name.lanes() > 1 && stands && lane.programs().over()) {
            inquire(Subject.PRESENCE, all -> beginTickUnless(rule, all.idle()));
        } else {
            beginTickUnless(rule, lane.programs().over() && lane.schedule.isIdle());
        }
    }

    private void beginTickUnless(StopRule rule, boolean idle) {
        MachineEnd end = rule.end(moment(idle), lane.programs());
        if (end == null) {
            beginTickOrReport();
        } else {
            stands = true;
            goal.report(new RunReport.Ended(lane.schedule.tick(), end));
        }
    }

    /** Whether all lanes stand after the tick of which the turns are over, so that they can be asked and told. */
    private boolean mustStand() {
        return !wishes.isEmpty() || lane.programs().unseen() || lane.programs().wantsSample(lane.schedule.tick())
                || goal.rule() != null && (goal.rule().mayEnd(lane.schedule.ticks(), lane.programs()) || lastTick() != lastTickTold);
    }

    /** The last that may be run without asking. */
    private long lastTick() {
        return goal.rule() == null ? goal.untilTick() : Math.min(goal.untilTick(), goal.rule().lastTick(lane.programs()));
    }

    private void beginTickOrReport() {
        if (nextTick != Schedule.NEVER && goal.wants(nextTick)) {
            if (stands) {
                lastTickTold = lastTick();
                post.sendAll(new LaneMessage.Begin(nextTick, lastTickTold));
                stands = false;
            }
            ticks.begin(nextTick, this::mustStand, this::endTick);
            return;
        }
        stands = true;
        if (nextTick == Schedule.NEVER && waiting > 0) {
            throw new InvariantViolation("tick " + lane.schedule.tick() + ": the machine is quiet, but operations wait in "
                    + waiters.stream().map(OwnerId::of).toList());
        }
        goal.report(new RunReport.Reached(lane.schedule.tick(), nextTick, lane.programs()));
    }

    /** Marks and failures of the tick are noted with what the machine is like after it. */
    private void endTick(LaneMessage.Batch outcome) {
        nextTick = outcome.nextTick();
        waiting = outcome.waiting();
        waiters = outcome.waiters();
        stands = outcome.halt();
        if (lane.programs().unseen()) {
            inquire(Subject.MEASURE, all -> lane.see(all.measure()));
        }
    }

    /** A sample is taken of the tick that is over. */
    private boolean samples() {
        if (!stands || !lane.programs().wantsSample(lane.schedule.tick())) {
            return false;
        }
        attempt(() -> inquire(Subject.SAMPLE, all -> lane.sampled(all.measure())));
        return true;
    }
}
