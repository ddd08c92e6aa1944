package org.foliofleet.node.actor;

import akka.actor.typed.Behavior;
import akka.actor.typed.ExtensibleBehavior;
import akka.actor.typed.Signal;
import akka.actor.typed.TypedActorContext;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.tick.Mailbox;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.Envelope;

/** An owner's actor without an owner: sends every message on to the next VMA or one far away. What the harness costs by itself. */
final class EmptyHandlers extends ExtensibleBehavior<OwnerTask> {
    private static final Object[] NO_EVENTS = {};

    private final OwnerId self;
    private final OwnerId near;
    private final OwnerId far;
    private long sequence;

    private EmptyHandlers(VmaId self, int owners, int processes) {
        this.self = self;
        near = of((self.serial() + 1) % owners, processes);
        far = of((int) ((self.serial() * 7919L + 13) % owners), processes);
    }

    private static VmaId of(int serial, int processes) {
        return new VmaId(1 + serial % processes, serial);
    }

    static Behavior<OwnerTask> create(Owner owner, int owners, int processes) {
        return owner.id() instanceof VmaId vma ? new EmptyHandlers(vma, owners, processes) : OwnerActor.create(owner);
    }

    @Override
    public Behavior<OwnerTask> receive(TypedActorContext<OwnerTask> context, OwnerTask task) {
        Mailbox mailbox = ((OwnerTask.TakeTurn) task).mailbox();
        Envelope[] sent = new Envelope[mailbox.sort()];
        for (int i = 0; i < sent.length; i++) {
            Envelope got = mailbox.get(i);
            sent[i] = new Envelope((got.sequence() & 1) == 0 ? near : far, self, ++sequence, Envelope.Rank.NOTICE, 0, 0, got.payload(), 0);
        }
        task.replyTo().tell(new OwnerReply.TurnTaken(task.number(), sent, null, NO_EVENTS, sequence, 0, false, null));
        return this;
    }

    @Override
    public Behavior<OwnerTask> receiveSignal(TypedActorContext<OwnerTask> context, Signal signal) {
        return this;
    }
}
