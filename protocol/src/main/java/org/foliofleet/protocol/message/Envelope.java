package org.foliofleet.protocol.message;

import org.foliofleet.protocol.id.OwnerId;

/**
 * A message under way. The total order of an inbox is (rank, sender, sender's sequence number); a tie is a violation.
 *
 * @param to       receiver
 * @param from     sender
 * @param sequence counts the messages of the sender, from 1
 * @param rank     what kind of message; {@link Rank} says in which order they are delivered
 * @param flight   the request's number at the sender; 0 of notices and wake-ups
 * @param call     which of the flight's calls this is or answers
 * @param payload  the command, or the reply
 * @param cost     of replies: simulated nanoseconds that the request took at its owner and those that it asked
 * @param spent    of replies: the faults and stalls among that, or null: none
 */
public record Envelope(OwnerId to, OwnerId from, long sequence, Rank rank, long flight, int call, Object payload, long cost, Latencies spent)
        implements Comparable<Envelope> {

    /** A message that tells of no faults and stalls. */
    public Envelope(OwnerId to, OwnerId from, long sequence, Rank rank, long flight, int call, Object payload, long cost) {
        this(to, from, sequence, rank, flight, call, payload, cost, null);
    }

    /** Kinds of message. */
    public enum Rank {
        WAKE_UP(0), REPLY(1), NOTICE(2), REQUEST(2);

        /** The order of delivery within a tick, which is behaviour: commands of one sender stay in the order of sending. */
        private final int order;

        Rank(int order) {
            this.order = order;
        }
    }

    @Override
    public int compareTo(Envelope other) {
        int order = Integer.compare(rank.order, other.rank.order);
        if (order == 0) {
            order = Long.compare(from.key(), other.from.key());
        }
        return order == 0 ? Long.compare(sequence, other.sequence) : order;
    }
}
