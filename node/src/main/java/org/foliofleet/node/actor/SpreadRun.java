package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.ReceiveBuilder;
import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalCommand.Committed;
import org.foliofleet.node.journal.JournalDamage;
import org.foliofleet.node.journal.PreparedLane;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.MachineParts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An incarnation of a machine with several lanes. The first is here; the others are ordered from their hosts, and are watched:
 * when any of them is lost all step back. A commit is written when all lanes have prepared it. A machine that is committed in
 * another number of lanes, or not at all, is {@linkplain SpreadWriting spread anew} first.
 */
final class SpreadRun extends MachineRun {
    private record Spread(Throwable failure) implements Message {}

    private record Reported(LaneReport report) implements Message {}

    private record Told(LaneNews news) implements Message {}

    private record Digested(String digest) implements Message {}

    private record Taken(LaneCommit commit) implements Message {}

    private record OrderAgain() implements Message {}

    private static final Logger LOG = LoggerFactory.getLogger(SpreadRun.class);
    private static final Duration BETWEEN_ORDERS = Duration.ofSeconds(3);
    /** Orders that are not answered: the lane's shard has no JVM, or that JVM is not reached. */
    private static final int ORDERS = 15;
    private static final int ORDERS_BETWEEN_WARNINGS = 5;

    private final SpreadLanes spread;
    private final ActorRef<LaneReport> reports;
    private final List<ActorRef<LaneOrder>> hosts;
    private final List<ActorRef<MachineMessage>> clocks;
    /** Of the epoch that is being committed, by lane. */
    private final PreparedLane[] prepared;
    private LaneCommit commit;
    private long branch;
    /** Lanes that do not know yet that it is a branch point. */
    private int marksAwaited;
    private Committed from;
    private MachineParts first;
    private int ordered;

    private SpreadRun(ActorContext<Message> context, TimerScheduler<Message> timers, Plan plan, long after, Behavior<JournalCommand> journal,
            ActorRef<JournaledMachine.Message> life) {
        super(context, timers, plan, after, journal, life);
        spread = plan.spread();
        hosts = new ArrayList<>(Collections.nCopies(spread.lanes(), null));
        clocks = new ArrayList<>(Collections.nCopies(spread.lanes(), null));
        prepared = new PreparedLane[spread.lanes()];
        ActorRef<Message> self = context.getSelf();
        // An actor of its own, which other JVMs can watch.
        reports = context.spawn(Behaviors.receiveMessage(report -> {
            self.tell(new Reported(report));
            return Behaviors.same();
        }), "reports");
    }

    /** @param after the incarnation before, if that was in the same life */
    static Behavior<Message> create(Plan plan, long after, Behavior<JournalCommand> journal, ActorRef<JournaledMachine.Message> life) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new SpreadRun(context, timers, plan, after, journal, life)));
    }

    @Override
    ReceiveBuilder<Message> also(ReceiveBuilder<Message> builder) {
        return builder
                .onMessage(Spread.class, done -> onSpread(done.failure()))
                .onMessage(Reported.class, reported -> onReport(reported.report()))
                .onMessage(Told.class, told -> onNews(told.news()))
                .onMessage(Digested.class, digested -> onDigest(digested.digest()))
                .onMessage(Taken.class, taken -> onTaken(taken.commit()))
                .onMessage(OrderAgain.class, again -> order());
    }

    // -- beginning -----------------------------------------------------------------------------------------------

    @Override
    Behavior<Message> resume(JournalCommand.Resumption resumption) {
        from = resumption.committed();
        if (from == null || from.lanes().size() != spread.lanes()) {
            ActorRef<SpreadWriting.Message> writing = getContext().spawn(
                    SpreadWriting.create(plan, incarnation, from, journal, getContext().messageAdapter(SpreadWriting.Done.class,
                            done -> new Spread(done.failure()))), JOURNAL + "-spread");
            getContext().watch(writing);
            return this;
        }
        first = plan.resume().apply(from.rows().toParts());
        String digest = LaneHost.digest(LaneSeal.of(0, first));
        if (!digest.equals(from.lanes().get(0).digest()) && from.rows().isOfToday()) {
            throw new JournalDamage("after epoch " + from.epoch() + " the digest of lane 0 must be " + from.lanes().get(0).digest() + ", but is "
                    + digest);
        }
        return order();
    }

    private Behavior<Message> onSpread(Throwable failure) {
        return failure == null ? interrupted(Interruption.Kind.SPREAD_ANEW, "") : cannotGoOn(failure);
    }

    /** Asks for the lanes that are not there yet. */
    private Behavior<Message> order() {
        if (ordered == 0) {
            awaited.begins("its lanes to be hosted", BETWEEN_ORDERS.multipliedBy(ORDERS + 1));
        }
        if (ordered++ == ORDERS) {
            return interrupted(Interruption.Kind.AWAY, "nobody hosts lane " + missing());
        }
        if (ordered > 1 && ordered % ORDERS_BETWEEN_WARNINGS == 0) {
            LOG.warn("machine {}: nobody hosts lane {}, ordered {} times", plan.name(), missing(), ordered);
        }
        for (int lane = 1; lane < spread.lanes(); lane++) {
            if (clocks.get(lane) == null) {
                PreparedLane seal = from.lanes().get(lane);
                spread.hosts().tell(lane, new LaneOrder.Host(plan.name(), incarnation, lane, spread.lanes(), from.epoch(), seal.row(),
                        seal.digest(), spread.patience().toMillis(), plan.history(), reports));
            }
        }
        timers.startSingleTimer(OrderAgain.class, new OrderAgain(), BETWEEN_ORDERS);
        return this;
    }

    /** The first lane that is not there yet. */
    private int missing() {
        return clocks.subList(1, clocks.size()).indexOf(null) + 1;
    }

    private Behavior<Message> onReport(LaneReport report) {
        if (report.incarnation() != incarnation) {
            return this;
        }
        if (report instanceof LaneReport.Ready ready) {
            return onReady(ready);
        } else if (report instanceof LaneReport.Marked) {
            return onMarked();
        } else if (report instanceof LaneReport.Prepared part) {
            return onPrepared(part.lane(), new PreparedLane(part.row(), part.digest()));
        }
        LaneReport.Lost lost = (LaneReport.Lost) report;
        Interruption.Kind kind = Interruption.Kind.valueOf(lost.kind());
        return interrupted(kind == Interruption.Kind.SUPERSEDED ? Interruption.Kind.AWAY : kind, "lane " + lost.lane() + ": " + lost.cause());
    }

    private Behavior<Message> onReady(LaneReport.Ready ready) {
        if (clocks.get(ready.lane()) != null) {
            return this;
        }
        clocks.set(ready.lane(), ready.clock());
        hosts.set(ready.lane(), ready.host());
        getContext().watch(ready.clock());
        if (clocks.subList(1, clocks.size()).contains(null)) {
            return this;
        }
        timers.cancel(OrderAgain.class);
        connect();
        return this;
    }

    private void connect() {
        awaited.begins("its lanes to begin together", spread.patience().multipliedBy(2));
        machine = getContext().spawn(MachineClock.lane(new LaneName(plan.name(), incarnation, 0, spread.lanes()), first, spread.patience(),
                EventSink.journaled(plan.history()), getContext().messageAdapter(LaneNews.class, Told::new)), "machine");
        getContext().watch(machine);
        clocks.set(0, machine);
        machine.tell(new MachineMessage.AllCommitted());
        machine.tell(new MachineMessage.Connect(clocks));
        hosts.subList(1, hosts.size()).forEach(host -> host.tell(new LaneOrder.Connect(incarnation, clocks)));
        machine.tell(new MachineMessage.Digest(getContext().messageAdapter(String.class, Digested::new)));
    }

    private Behavior<Message> onDigest(String digest) {
        if (!digest.equals(from.digest()) && from.rows().isOfToday()) {
            return interrupted(Interruption.Kind.DAMAGE, "its journal cannot be used: after epoch " + from.epoch() + " the digest must be "
                    + from.digest() + ", but is " + digest);
        }
        return begin(from.tick(), from.quiet() ? RunReport.NEVER : from.tick() + 1);
    }

    @Override
    Behavior<Message> onTerminated(Terminated who) {
        int lane = clocks.indexOf(who.getRef());
        return lane > 0 ? interrupted(Interruption.Kind.AWAY, "lane " + lane + " is lost with its JVM") : super.onTerminated(who);
    }

    // -- commits -------------------------------------------------------------------------------------------------

    @Override
    void takeChanges(long branchPoint) {
        branch = branchPoint;
        if (branchPoint == 0) {
            takeChanges();
            return;
        }
        marksAwaited = spread.lanes() - 1;
        hosts.subList(1, hosts.size()).forEach(host -> host.tell(new LaneOrder.Mark(incarnation, branchPoint)));
    }

    private Behavior<Message> onMarked() {
        if (--marksAwaited == 0) {
            takeChanges();
        }
        return this;
    }

    private void takeChanges() {
        machine.tell(new MachineMessage.CommitLanes(getContext().messageAdapter(LaneCommit.class, Taken::new)));
    }

    /** Of the first lane; the hosts of the others hear the same of theirs. */
    private Behavior<Message> onNews(LaneNews news) {
        if (news instanceof LaneNews.Changed changed) {
            journal.tell(new JournalCommand.Prepare(incarnation, changed.changes(), LaneHost.digest(changed.seal()), branch, written));
            return this;
        }
        return interrupted(Interruption.Kind.FAULT, ((LaneNews.Failed) news).cause().getMessage());
    }

    private Behavior<Message> onTaken(LaneCommit taken) {
        commit = taken;
        commitIfPrepared();
        changed(taken.quiet(), taken.seals().stream().mapToLong(seal -> seal.progress().messages()).sum());
        return this;
    }

    @Override
    Behavior<Message> onJournal(JournalCommand.CommitReply reply) {
        return reply instanceof JournalCommand.Prepared part ? onPrepared(0, part.seal()) : super.onJournal(reply);
    }

    private Behavior<Message> onPrepared(int lane, PreparedLane seal) {
        prepared[lane] = seal;
        commitIfPrepared();
        return this;
    }

    private void commitIfPrepared() {
        if (commit == null) {
            return;
        }
        List<PreparedLane> seals = new ArrayList<>();
        for (PreparedLane seal : prepared) {
            if (seal == null) {
                return;
            }
            seals.add(seal);
        }
        journal.tell(new JournalCommand.CommitLanes(incarnation, commit.tick(), commit.quiet(), commit.digest(), seals, branch, written));
        commit = null;
        Arrays.fill(prepared, null);
    }
}
