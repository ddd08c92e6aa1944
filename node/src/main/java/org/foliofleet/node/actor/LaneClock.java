package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.machine.MachineParts;

/** What clocks have in common: their owners, their ticks, other lanes, and what they do when something is missing. */
abstract class LaneClock extends AbstractBehavior<MachineMessage> {
    /**
     * What a clock is made of.
     *
     * @param parts  of its lane; they belong to the actors from now on
     * @param actors makes the owners' actors
     * @param sink   is told what happens
     * @param host   is told of the lane; null if nobody is
     */
    record Make(LaneName name, MachineParts parts, OwnerActors actors, EventSink sink, ActorRef<? super LaneNews> host) {}

    final LaneName name;
    final OwnerLane lane;
    final LanePost post;
    final LaneTicks ticks;
    final LaneReports reports;
    private final LaneInbox inbox;
    private final ActorRef<? super LaneNews> host;
    private RuntimeException failure;
    private boolean ended;
    private long packetsCame;
    /** What had come when somebody looked last. */
    private long seen;

    LaneClock(ActorContext<MachineMessage> context, Make make) {
        super(context);
        name = make.name();
        host = make.host();
        lane = new OwnerLane(context, name, make.parts(), make.actors(), make.sink());
        post = new LanePost(name);
        ticks = new LaneTicks(lane, post);
        reports = new LaneReports(lane);
        inbox = new LaneInbox(name);
    }

    @Override
    public Receive<MachineMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(OwnerReply.Measured.class, this::onMeasured)
                .onMessage(OwnerReply.class, this::onReply)
                .onMessage(FoldedReplies.class, this::onFoldedReplies)
                .onMessage(LanePacket.class, this::onPacket)
                .onMessage(Internal.Watch.class, watch -> onWatch())
                .onMessage(MachineMessage.AllCommitted.class, all -> onAllCommitted())
                .onMessage(MachineMessage.Connect.class, this::onConnect)
                .onMessage(MachineMessage.Stop.class, stop -> onStop())
                .onMessage(MachineMessage.class, this::onWish)
                .build();
    }

    // -- what others do ------------------------------------------------------------------------------------------

    /** All lanes are there. */
    abstract void connected();

    /** What another lane says, other than what is the same for all lanes. */
    abstract void hear(int from, LaneMessage message);

    /** What somebody wants. */
    abstract Behavior<MachineMessage> onWish(MachineMessage wish);

    /** Goes on with whatever comes next, as long as nothing is awaited. */
    abstract void goOn();

    /** It does not go on. */
    abstract void failed(RuntimeException cause);

    /** What is awaited of other lanes besides their batches; empty if nothing is. */
    abstract String missingElse();

    // -- what all do ---------------------------------------------------------------------------------------------

    final RuntimeException failure() {
        return failure;
    }

    /** Whether something is awaited. */
    boolean isBusy() {
        return lane.isAsking() || ticks.isRunning() && failure == null;
    }

    /** Tells those that host the lane. */
    final void tellHost(LaneNews news) {
        if (host != null) {
            host.tell(news);
        }
    }

    final void attempt(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    final void fail(RuntimeException cause) {
        fail(cause, true);
    }

    private void fail(RuntimeException cause, boolean isOurs) {
        if (failure != null) {
            return;
        }
        failure = cause;
        lane.giveUp();
        if (isOurs) {
            post.sendAll(new LaneMessage.Trouble(String.valueOf(cause.getMessage()), cause instanceof Disturbance));
        }
        failed(cause);
        tellHost(new LaneNews.Failed(name, cause));
    }

    private Behavior<MachineMessage> onReply(OwnerReply reply) {
        lane.take(reply);
        return afterAnswers();
    }

    private Behavior<MachineMessage> onMeasured(OwnerReply.Measured measured) {
        lane.take(measured);
        return afterAnswers();
    }

    private Behavior<MachineMessage> onFoldedReplies(FoldedReplies folded) {
        lane.take(folded);
        return afterAnswers();
    }

    private Behavior<MachineMessage> afterAnswers() {
        Runnable action = lane.afterAnswers();
        if (action != null) {
            attempt(action);
            goOn();
        }
        return this;
    }

    private Behavior<MachineMessage> onPacket(LanePacket packet) {
        if (!inbox.isOurs(packet)) {
            getContext().getLog().debug("{}: dropped {}", name, packet);
            return this;
        }
        packetsCame++;
        attempt(() -> hear(packet));
        if (ended) {
            return Behaviors.stopped();
        }
        goOn();
        return this;
    }

    private void hear(LanePacket packet) {
        int from = packet.from().lane();
        LaneMessage message = inbox.take(packet);
        if (message instanceof LaneMessage.End) {
            ended = true;
        } else if (failure != null) {
            getContext().getLog().debug("{} does not go on: {} is not heard", name, packet);
        } else if (message instanceof LaneMessage.Batch batch) {
            ticks.take(from, batch);
        } else if (message instanceof LaneMessage.Trouble trouble) {
            fail(trouble.disturbed() ? new Disturbance(trouble.reason()) : new InvariantViolation(trouble.reason()), false);
        } else if (message != null) {
            hear(from, message);
        }
    }

    /** Two looks with nothing having come between them: somebody does not answer. */
    private Behavior<MachineMessage> onWatch() {
        long came = packetsCame + lane.answersCame();
        if (failure == null && came == seen) {
            String tick = "tick " + lane.schedule.tick() + ": ";
            if (lane.isAsking()) {
                fail(new InvariantViolation(tick + "no answer from " + lane.missing()));
            } else if (ticks.isRunning()) {
                fail(new Disturbance(name + ", " + tick + "nothing was heard of lane " + ticks.missing()));
            } else if (!missingElse().isEmpty()) {
                fail(new Disturbance(name + ", " + tick + missingElse()));
            }
            goOn();
        }
        seen = came;
        return this;
    }

    private Behavior<MachineMessage> onAllCommitted() {
        reports.allCommitted();
        return this;
    }

    private Behavior<MachineMessage> onConnect(MachineMessage.Connect connect) {
        if (name.lanes() > 1) {
            attempt(() -> {
                post.connect(connect.lanes());
                connected();
            });
            goOn();
        }
        return this;
    }

    Behavior<MachineMessage> onStop() {
        return Behaviors.stopped();
    }
}
