package org.foliofleet.node.actor;

import org.foliofleet.protocol.message.Envelope;

/** An owner's answer to an {@link OwnerTask}. */
sealed interface OwnerReply extends Internal, ProcessTask {
    /** Of the task. */
    int number();

    /**
     * The turn is over.
     *
     * @param sent     messages in the order of sending
     * @param ticks    when each of them is due, 0 for the next tick; null if all are due then
     * @param events   what happened to the owner
     * @param sequence count of the messages that the owner has ever sent
     * @param waiting  operations of the owner that wait
     * @param ended    whether the owner wants to be forgotten
     */
    record TurnTaken(int number, Envelope[] sent, long[] ticks, Object[] events, long sequence, int waiting, boolean ended)
            implements OwnerReply {}

    /** What cannot happen has happened in the turn. */
    record TurnFailed(int number, RuntimeException cause) implements OwnerReply {}

    /** @param state as bytes, null if it was not wanted */
    record Reported(int number, long hash, byte[] state) implements OwnerReply {}
}
