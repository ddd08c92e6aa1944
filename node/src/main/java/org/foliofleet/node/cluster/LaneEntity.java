package org.foliofleet.node.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityContext;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.foliofleet.node.actor.LaneHost;
import org.foliofleet.node.actor.LaneOrder;

/**
 * A lane of a machine, other than the first, by the machine's name and its number. It hosts the lane of the latest incarnation
 * that it was told of, and ends with it.
 */
final class LaneEntity extends AbstractBehavior<Object> {
    private static final EntityTypeKey<Object> KEY = EntityTypeKey.create(Object.class, "lane");

    private enum HandOff { HAND_OFF }

    private final EntityContext<Object> entity;
    private LaneOrder.Host order;
    /** The host of that incarnation, or of the one before until it has ended; null if there is none. */
    private ActorRef<LaneHost.Message> host;
    private long hosted;

    private LaneEntity(ActorContext<Object> context, EntityContext<Object> entity) {
        super(context);
        this.entity = entity;
    }

    static void init(ActorSystem<?> system) {
        ClusterSharding.get(system).init(Entity.of(KEY, entity -> Behaviors.setup(context -> new LaneEntity(context, entity)))
                .withRole(ClusterNode.NODE)
                .withMessageExtractor(new LaneShards())
                .withAllocationStrategy(new LanesApart())
                .withStopMessage(HandOff.HAND_OFF));
    }

    /** The entity of a lane, which takes {@link LaneOrder}s. */
    static EntityRef<Object> of(ActorSystem<?> system, String machine, int lane) {
        return ClusterSharding.get(system).entityRefFor(KEY, machine + "/" + lane);
    }

    @Override
    public Receive<Object> createReceive() {
        return newReceiveBuilder()
                .onMessage(LaneOrder.Host.class, this::onHost)
                .onMessage(HandOff.class, handOff -> Behaviors.stopped())
                .onSignal(Terminated.class, ended -> onEnded())
                .build();
    }

    private Behavior<Object> onHost(LaneOrder.Host ordered) {
        if (order != null && ordered.incarnation() < order.incarnation()) {
            return this;
        }
        order = ordered;
        if (host == null) {
            begin();
        } else if (hosted == ordered.incarnation()) {
            host.tell(new LaneHost.Ordered(ordered));
        } else {
            getContext().stop(host);
        }
        return this;
    }

    private void begin() {
        hosted = order.incarnation();
        host = getContext().spawnAnonymous(LaneHost.create(order));
        getContext().watch(host);
    }

    private Behavior<Object> onEnded() {
        host = null;
        if (hosted < order.incarnation()) {
            begin();
        } else {
            entity.getShard().tell(new ClusterSharding.Passivate<>(getContext().getSelf()));
        }
        return this;
    }
}
