package org.foliofleet.node.actor;

import org.foliofleet.protocol.id.OwnerId;

/** Is told by a clock what happened to owners: tick by tick, in a tick in the order of the owners, by one thread at a time. */
@FunctionalInterface
public interface EventSink {
    /** Nobody wants to know. */
    EventSink NONE = (tick, owner, event) -> { };

    void happened(long tick, OwnerId owner, Object event);
}
