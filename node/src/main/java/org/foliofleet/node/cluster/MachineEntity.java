package org.foliofleet.node.cluster;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityContext;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import java.time.Duration;
import org.foliofleet.node.actor.JournaledMachine;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.actor.RestingMachine;
import org.foliofleet.node.metrics.JvmMeters;
import org.foliofleet.node.metrics.MachineMeters;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.control.MachineName;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;

/**
 * A machine of a cluster, by its name. It does what {@link MachineOrder} says, and tells {@link MachineNews} to its
 * experiment. It runs nothing until it is ordered to; when it moves to another JVM it passes the order on.
 *
 * <p>Besides orders it hears what its own actors say, so that its messages have no common type.
 */
public final class MachineEntity extends AbstractBehavior<Object> {
    /** Machines that run send these; what others send to them are {@link MachineOrder}s. */
    private static final EntityTypeKey<Object> KEY = EntityTypeKey.create(Object.class, MachineOrder.ENTITY_TYPE);
    private static final EntityTypeKey<MachineNews> EXPERIMENT = EntityTypeKey.create(MachineNews.class, MachineNews.ENTITY_TYPE);
    /** Time between two signs of life. */
    private static final Duration BEAT = Duration.ofSeconds(2);
    /** For the shard to end what it was asked to end. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** From the shard: this JVM is not to run the machine any more. */
    private enum HandOff { HAND_OFF }

    /** Time to give a sign of life, and time by which it was to be ended. */
    private enum Timer { BEAT, OVERDUE }

    private record Heard(int life, Progress progress) {}

    private final TimerScheduler<Object> timers;
    private final EntityContext<Object> entity;
    private final MachinePlans plans;
    private final EntityRef<MachineNews> experiment;
    private final EntityRef<Object> itself;
    private final String name;
    /** The last order to run; null before the first. */
    private MachineOrder.EnsureRunning order;
    /** The machine while it runs, else null. */
    private ActorRef<JournaledMachine.Message> life;
    private ActorRef<Progress> listener;
    /** Counts lives, and their ends. */
    private int lives;
    private MachinePlans.Loaded loaded;
    /** Of the machine while it runs, else null. */
    private MachineMeters meters;
    private MachineNews.Running latest;
    /** Whether it is being found out where the machine rests. */
    private boolean looking;
    private boolean pausing;
    /** Whether the machine is to run again as soon as it rests. */
    private boolean runAgain;
    private boolean leaving;
    /** Whether the shard was asked to end it: it does nothing any more, and its next life gets the last order. */
    private boolean forgotten;
    private MachineOrder kept;

    private MachineEntity(ActorContext<Object> context, TimerScheduler<Object> timers, EntityContext<Object> entity, MachinePlans plans) {
        super(context);
        this.timers = timers;
        this.entity = entity;
        this.plans = plans;
        name = entity.getEntityId();
        ClusterSharding sharding = ClusterSharding.get(context.getSystem());
        experiment = sharding.entityRefFor(EXPERIMENT, MachineName.of(name).experiment());
        itself = of(context.getSystem(), name);
    }

    /** The entity of a machine, which takes {@link MachineOrder}s. */
    static EntityRef<Object> of(ActorSystem<?> system, String machine) {
        return ClusterSharding.get(system).entityRefFor(KEY, machine);
    }

    /** Lets JVMs of role {@value ClusterNode#NODE} run machines, and others reach them. */
    static void init(ActorSystem<?> system) {
        MachinePlans plans = new MachinePlans(system);
        ClusterSharding.get(system).init(Entity.of(KEY, entity -> Behaviors.setup(context ->
                        Behaviors.withTimers(timers -> new MachineEntity(context, timers, entity, plans))))
                .withRole(ClusterNode.NODE)
                .withStopMessage(HandOff.HAND_OFF));
    }

    @Override
    public Receive<Object> createReceive() {
        return newReceiveBuilder()
                .onMessage(MachineOrder.class, this::onOrder)
                .onMessage(HandOff.class, handOff -> onHandOff())
                .onMessage(Timer.class, timer -> timer == Timer.BEAT ? onBeat() : onOverdue())
                .onMessage(Heard.class, heard -> heard.life() == lives ? onProgress(heard.progress()) : this)
                .onSignal(ChildFailed.class, this::onFailed)
                .onSignal(Terminated.class, child -> this)
                .build();
    }

    private Behavior<Object> onFailed(ChildFailed child) {
        return child.getRef().equals(life) ? rest(new MachineNews.Failed(name, "machine " + name + ": " + child.getCause())) : this;
    }

    // -- orders --------------------------------------------------------------------------------------------------

    private Behavior<Object> onOrder(MachineOrder ordered) {
        kept = ordered;
        return forgotten ? this : ordered instanceof MachineOrder.EnsureRunning run ? onEnsureRunning(run)
                : ordered instanceof MachineOrder.Pause ? onPause() : onCancel();
    }

    private Behavior<Object> onEnsureRunning(MachineOrder.EnsureRunning ordered) {
        order = ordered;
        if (life == null) {
            return begin();
        }
        runAgain = pausing;
        return onBeat();
    }

    private Behavior<Object> begin() {
        try {
            loaded = plans.load(MachineName.of(name), order.source(), order.execution());
        } catch (RuntimeException e) {
            order = null;
            return rest(new MachineNews.Failed(name, "machine " + name + " cannot begin: " + e.getMessage()));
        }
        deafen();
        meters = JvmMeters.of(getContext().getSystem()).machine(MachineName.of(name), loaded.mostReferences());
        life = getContext().spawnAnonymous(JournaledMachine.create(loaded.plan(), listener()));
        getContext().watch(life);
        timers.startTimerWithFixedDelay(Timer.BEAT, BEAT);
        return this;
    }

    /** For one life of the machine; what earlier ones said and was not heard yet does not count any more. */
    private ActorRef<Progress> listener() {
        int current = ++lives;
        ActorRef<Object> self = getContext().getSelf();
        listener = getContext().spawnAnonymous(Behaviors.receiveMessage(progress -> {
            self.tell(new Heard(current, progress));
            return Behaviors.same();
        }));
        return listener;
    }

    private Behavior<Object> onPause() {
        runAgain = false;
        if (life == null) {
            order = null;
            deafen();
            looking = true;
            getContext().spawnAnonymous(RestingMachine.create(name, listener()));
        } else {
            pausing = true;
            life.tell(new JournaledMachine.Pause());
        }
        return this;
    }

    private Behavior<Object> onCancel() {
        order = null;
        if (life != null) {
            life.tell(new JournaledMachine.Stop());
        }
        return forget();
    }

    private Behavior<Object> onHandOff() {
        if (life == null && !looking) {
            return end(kept);
        }
        leaving = true;
        if (life != null) {
            life.tell(new JournaledMachine.Pause());
        }
        return this;
    }

    private Behavior<Object> onBeat() {
        if (latest != null) {
            experiment.tell(latest);
        }
        return this;
    }

    // -- news ----------------------------------------------------------------------------------------------------

    private Behavior<Object> onProgress(Progress progress) {
        if (progress instanceof Progress.WentOn from) {
            meters.wentOn(from.tick(), loaded.nanos(from.tick(), WorkloadStatus.NONE));
            return running(from.incarnation(), from.epoch(), from.tick(), 0, from.digest(), WorkloadStatus.NONE);
        } else if (progress instanceof Progress.Epoch epoch) {
            meters.committed(epoch.programs().series(), epoch.tick(), loaded.nanos(epoch.tick(), epoch.programs()), epoch.delivered(),
                    Duration.ofNanos(epoch.commitNanos()));
            return running(latest.incarnation(), epoch.epoch(), epoch.tick(), epoch.delivered(), epoch.digest(), epoch.programs());
        } else if (progress instanceof Progress.SteppedBack back) {
            meters.steppedBack(back.kind());
            experiment.tell(new MachineNews.SteppedBack(name, back.incarnation(), back.epoch(), back.cause()));
        } else if (progress instanceof Progress.Waiting waiting) {
            return onWaiting(waiting);
        } else if (progress instanceof Progress.Paused paused) {
            return rest(leaving && !pausing && !looking ? null : new MachineNews.Paused(name, paused.epoch(), paused.tick(), paused.digest()));
        } else if (progress instanceof Progress.Finished finished) {
            order = null;
            return rest(new MachineNews.Ended(name, finished.epoch(), finished.tick(), finished.digest(),
                    finished.result() == null ? new byte[0] : finished.result().toBytes()));
        } else if (progress instanceof Progress.Failed failed) {
            order = null;
            return rest(new MachineNews.Failed(name, failed.reason()));
        } else if (progress instanceof Progress.Superseded) {
            order = null;
            return rest(null);
        }
        return this;
    }

    private Behavior<Object> running(long incarnation, long epoch, long tick, long delivered, String digest, WorkloadStatus programs) {
        long nanos = loaded == null ? 0 : loaded.nanos(tick, programs);
        latest = new MachineNews.Running(name, incarnation, epoch, tick, nanos, delivered, digest, programs.series().toBytes());
        experiment.tell(latest);
        return this;
    }

    /** There is nothing to commit: whoever waits for that waits in vain. */
    private Behavior<Object> onWaiting(Progress.Waiting waiting) {
        latest = null;
        MachineNews news = new MachineNews.Waiting(name, waiting.cause());
        if (looking || leaving) {
            return rest(news);
        }
        experiment.tell(news);
        return this;
    }

    // -- the end -------------------------------------------------------------------------------------------------

    /** The machine does not run any more; the experiment is told why, if there is anything to tell. */
    private Behavior<Object> rest(MachineNews news) {
        if (news != null) {
            experiment.tell(news);
        }
        if (leaving) {
            return end(order != null && (!pausing || runAgain) ? order : null);
        }
        return runAgain && order != null ? begin() : forget();
    }

    /**
     * The JVM that runs it next need not wait for the experiment, unless this JVM ends: then its shards take no messages.
     *
     * @param next order for its next life, or null
     */
    private Behavior<Object> end(MachineOrder next) {
        if (next != null && CoordinatedShutdown.get(getContext().getSystem()).getShutdownReason().isEmpty()) {
            itself.tell(next);
        }
        return Behaviors.stopped();
    }

    private Behavior<Object> onOverdue() {
        getContext().getLog().warn("machine {}: its shard has not ended it for {} s; it ends by itself", name, PATIENCE.toSeconds());
        return end(kept);
    }

    /** The last life is over. */
    private void deafen() {
        if (listener != null) {
            getContext().stop(listener);
            listener = null;
        }
        if (meters != null) {
            meters.gone();
            meters = null;
        }
        lives++;
        life = null;
        latest = null;
        looking = false;
        pausing = false;
        runAgain = false;
    }

    /** Lets the shard end it; orders that come meanwhile wait for its next life. */
    private Behavior<Object> forget() {
        order = null;
        deafen();
        timers.cancelAll();
        forgotten = true;
        kept = null;
        timers.startSingleTimer(Timer.OVERDUE, PATIENCE);
        entity.getShard().tell(new ClusterSharding.Passivate<>(getContext().getSelf()));
        return this;
    }
}
