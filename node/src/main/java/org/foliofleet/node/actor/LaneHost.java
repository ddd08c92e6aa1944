package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.time.Duration;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalCommand.LaneResumed;
import org.foliofleet.node.journal.JournalDamage;
import org.foliofleet.node.journal.MachineJournal;
import org.foliofleet.node.journal.PreparedLane;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.MachineParts;

/** Hosts one lane of a machine, other than the first, for one incarnation: its clock and its journal. */
public final class LaneHost extends AbstractBehavior<LaneHost.Message> {
    /** What it hears. */
    public sealed interface Message {}

    /** @param order for this incarnation */
    public record Ordered(LaneOrder order) implements Message {}

    private record Resumed(LaneResumed lane) implements Message {}

    private record Told(LaneNews news) implements Message {}

    private record Replied(JournalCommand.CommitReply reply) implements Message {}

    private final LaneOrder.Host order;
    private final ActorRef<JournalCommand> journal;
    private ActorRef<MachineMessage> clock;
    private boolean connected;
    /** Of the branch point that is prepared next; 0 if it is none. */
    private long branch;

    private LaneHost(ActorContext<Message> context, LaneOrder.Host order) {
        super(context);
        this.order = order;
        context.watch(order.leader());
        journal = context.spawn(MachineJournal.create(order.machine(), order.lane(), order.history()), MachineRun.JOURNAL);
        context.watch(journal);
        journal.tell(new JournalCommand.ResumeLane(order.incarnation(), order.epoch(), new PreparedLane(order.row(), order.digest()),
                context.messageAdapter(LaneResumed.class, Resumed::new)));
    }

    /** Ends when the lane does. */
    public static Behavior<Message> create(LaneOrder.Host order) {
        return Behaviors.setup(context -> new LaneHost(context, order));
    }

    /** What a lane's rows must amount to. */
    static String digest(LaneSeal seal) {
        return Long.toHexString(seal.sum());
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ordered.class, ordered -> onOrdered(ordered.order()))
                .onMessage(Resumed.class, resumed -> onResumed(resumed.lane()))
                .onMessage(Told.class, told -> onNews(told.news()))
                .onMessage(Replied.class, replied -> onReplied(replied.reply()))
                .onSignal(ChildFailed.class, child -> lost(child.getRef().equals(journal) ? Interruption.of(child.getCause())
                        : new Interruption(Interruption.Kind.FAULT, "its actor failed: " + child.getCause())))
                .onSignal(Terminated.class, gone -> Behaviors.stopped())
                .build();
    }

    private Behavior<Message> lost(Interruption why) {
        order.leader().tell(new LaneReport.Lost(order.incarnation(), order.lane(), why.kind().name(), why.cause()));
        return Behaviors.stopped();
    }

    private Behavior<Message> onOrdered(LaneOrder again) {
        if (again instanceof LaneOrder.Mark mark) {
            branch = mark.branch();
            order.leader().tell(new LaneReport.Marked(order.incarnation(), order.lane()));
        } else if (again instanceof LaneOrder.Connect connect) {
            if (!connected) {
                connected = true;
                clock.tell(new MachineMessage.Connect(connect.lanes()));
            }
        } else if (clock != null) {
            ready();
        }
        return this;
    }

    private void ready() {
        ActorRef<LaneOrder> host = getContext().messageAdapter(LaneOrder.class, Ordered::new);
        order.leader().tell(new LaneReport.Ready(order.incarnation(), order.lane(), host, clock));
    }

    private Behavior<Message> onResumed(LaneResumed lane) {
        MachineParts parts;
        try {
            parts = lane.rows().toParts();
            String digest = digest(LaneSeal.of(order.lane(), parts));
            if (!digest.equals(order.digest()) && lane.rows().isOfToday()) {
                throw new JournalDamage("after epoch " + order.epoch() + " the digest of lane " + order.lane() + " must be " + order.digest()
                        + ", but is " + digest);
            }
        } catch (RuntimeException e) {
            return lost(new Interruption(Interruption.Kind.DAMAGE, "lane " + order.lane() + " cannot go on from its journal: " + e.getMessage()));
        }
        LaneName name = new LaneName(order.machine(), order.incarnation(), order.lane(), order.lanes());
        clock = getContext().spawn(MachineClock.lane(name, parts, Duration.ofMillis(order.patienceMillis()), EventSink.journaled(order.history()),
                getContext().messageAdapter(LaneNews.class, Told::new)), "clock");
        getContext().watch(clock);
        clock.tell(new MachineMessage.AllCommitted());
        ready();
        return this;
    }

    private Behavior<Message> onNews(LaneNews news) {
        if (news instanceof LaneNews.Changed changed) {
            journal.tell(new JournalCommand.Prepare(order.incarnation(), changed.changes(), digest(changed.seal()), branch,
                    getContext().messageAdapter(JournalCommand.CommitReply.class, Replied::new)));
            branch = 0;
            return this;
        }
        return lost(new Interruption(Interruption.Kind.FAULT, ((LaneNews.Failed) news).cause().getMessage()));
    }

    private Behavior<Message> onReplied(JournalCommand.CommitReply reply) {
        if (!(reply instanceof JournalCommand.Prepared prepared)) {
            return lost(new Interruption(Interruption.Kind.SUPERSEDED, "a later incarnation has begun"));
        }
        order.leader().tell(new LaneReport.Prepared(order.incarnation(), order.lane(), prepared.epoch(), prepared.seal().row(),
                prepared.seal().digest()));
        return this;
    }
}
