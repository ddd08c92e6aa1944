package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import org.foliofleet.node.mm.tick.Mailbox;

/** What an actor with one owner is asked. It answers each with one {@link OwnerReply} that bears the task's number. */
sealed interface OwnerTask extends ProcessTask {
    /** The place of the answer among all that are awaited. */
    int number();

    ActorRef<? super OwnerReply> replyTo();

    /** It is the owner's turn. The mailbox belongs to it until it answers. */
    record TakeTurn(int number, TickContext context, Mailbox mailbox, ActorRef<? super OwnerReply> replyTo) implements OwnerTask {}

    /** What is its hash, and, if wanted, its state? */
    record Report(int number, boolean state, ActorRef<? super OwnerReply> replyTo) implements OwnerTask {}
}
