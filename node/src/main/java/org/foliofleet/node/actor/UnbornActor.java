package org.foliofleet.node.actor;

import akka.actor.typed.Behavior;
import akka.actor.typed.ExtensibleBehavior;
import akka.actor.typed.Signal;
import akka.actor.typed.TypedActorContext;

/**
 * An actor that waits to be told what it is. Akka keeps with every actor how it began; millions of them that begin alike share
 * that.
 */
final class UnbornActor extends ExtensibleBehavior<OwnerTask> {
    static final Behavior<OwnerTask> BEHAVIOR = new UnbornActor();
    private static final int DIGITS = 8;

    private UnbornActor() {}

    /** A name that comes after those of all smaller numbers. */
    static String name(long number) {
        String hexadecimal = Long.toHexString(number);
        return "0".repeat(Math.max(0, DIGITS - hexadecimal.length())) + hexadecimal;
    }

    @Override
    public Behavior<OwnerTask> receive(TypedActorContext<OwnerTask> context, OwnerTask task) {
        return ((OwnerTask.Become) task).behavior();
    }

    @Override
    public Behavior<OwnerTask> receiveSignal(TypedActorContext<OwnerTask> context, Signal signal) {
        return this;
    }
}
