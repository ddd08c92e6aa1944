package org.foliofleet.node.actor;

import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;

/** A machine that commits once, runs on, and says no more: it loses all requests to commit but the first. */
public final class OneCommit extends BehaviorInterceptor<MachineMessage, MachineMessage> {
    private boolean committed;

    private OneCommit() {
        super(MachineMessage.class);
    }

    /** @param machine as it would be if all requests reached it */
    public static Behavior<MachineMessage> of(Behavior<MachineMessage> machine) {
        return Behaviors.intercept(OneCommit::new, machine);
    }

    @Override
    public Behavior<MachineMessage> aroundReceive(TypedActorContext<MachineMessage> context, MachineMessage message,
            ReceiveTarget<MachineMessage> target) {
        if (message instanceof MachineMessage.Commit) {
            if (committed) {
                return Behaviors.same();
            }
            committed = true;
        }
        return target.apply(context, message);
    }
}
