package org.foliofleet.protocol.message;

import org.foliofleet.protocol.id.OwnerId;

/**
 * A message under way. The total order of an inbox is (rank, sender, sender's sequence number); a tie is a violation.
 *
 * @param to       receiver
 * @param from     sender
 * @param sequence counts the messages of the sender, from 1
 * @param rank     what kind of message; ranks are delivered in the order of their declaration
 * @param flight   the request's number at the sender; 0 of notices and wake-ups
 * @param call     which of the flight's calls this is or answers
 * @param payload  the command, or the reply
 * @param cost     of replies: simulated nanoseconds that the request took at its owner and those that it asked
 */
public record Envelope(OwnerId to, OwnerId from, long sequence, Rank rank, long flight, int call, Object payload, long cost)
        implements Comparable<Envelope> {

    /** Kinds of message; the order is behaviour. */
    public enum Rank { WAKE_UP, REPLY, NOTICE, REQUEST }

    @Override
    public int compareTo(Envelope other) {
        int order = rank.compareTo(other.rank);
        if (order == 0) {
            order = Long.compare(from.key(), other.from.key());
        }
        return order == 0 ? Long.compare(sequence, other.sequence) : order;
    }
}
