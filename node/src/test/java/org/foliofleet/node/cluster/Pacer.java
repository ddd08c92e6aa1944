package org.foliofleet.node.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import org.foliofleet.node.actor.MachineMessage;

/** Lets machines of this JVM commit no faster than a test can follow: each commit waits for a permit. */
final class Pacer {
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Set<MachineMessage> permitted = new HashSet<>();
    private long permits;

    private record Waiting(ActorRef<MachineMessage> machine, MachineMessage commit) {}

    Behavior<MachineMessage> pace(Behavior<MachineMessage> machine) {
        return Behaviors.intercept(() -> new BehaviorInterceptor<>(MachineMessage.class) {
            @Override
            public Behavior<MachineMessage> aroundReceive(TypedActorContext<MachineMessage> context, MachineMessage message,
                    ReceiveTarget<MachineMessage> target) {
                return mayPass(message, context.asJava().getSelf()) ? target.apply(context, message) : Behaviors.same();
            }
        }, machine);
    }

    private synchronized boolean mayPass(MachineMessage message, ActorRef<MachineMessage> machine) {
        if (!(message instanceof MachineMessage.Commit) || permitted.remove(message)) {
            return true;
        }
        if (permits > 0) {
            permits--;
            return true;
        }
        waiting.add(new Waiting(machine, message));
        return false;
    }

    /** So many more commits, in the order in which machines ask. */
    synchronized void permit(long commits) {
        permits += commits;
        while (permits > 0 && !waiting.isEmpty()) {
            permits--;
            Waiting next = waiting.remove();
            permitted.add(next.commit());
            next.machine().tell(next.commit());
        }
    }
}
