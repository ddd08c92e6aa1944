package org.foliofleet.node.mm.flow;

import org.foliofleet.protocol.message.Envelope;

/** Where a turn's messages and events go: a machine on one thread, or an actor. */
public interface Outbox {
    /** Delivers in the next tick. */
    void send(Envelope envelope);

    /** Delivers in tick {@code tick}, which must lie ahead. */
    void sendAt(long tick, Envelope envelope);

    /** An event was applied to the owner. */
    void emitted(Owner owner, Object event);
}
