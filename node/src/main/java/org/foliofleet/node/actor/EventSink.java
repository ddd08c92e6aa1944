package org.foliofleet.node.actor;

import java.util.List;
import org.foliofleet.node.journal.EventLog;
import org.foliofleet.protocol.id.OwnerId;

/** Is told by a clock what happened to owners: tick by tick, in a tick in the order of the owners, by one thread at a time. */
@FunctionalInterface
public interface EventSink {
    /** Nobody wants to know. */
    EventSink NONE = (tick, owner, event) -> { };

    void happened(long tick, OwnerId owner, Object event);

    /** What is to be journaled of it since the last time. */
    default List<byte[]> take() {
        return List.of();
    }

    /** A sink for the journal of one incarnation. @param history whether it keeps all events, not only the last of each epoch */
    static EventSink journaled(boolean history) {
        return into(history ? EventLog.ofAll() : EventLog.ofRecent());
    }

    /** A sink that journals events. */
    static EventSink into(EventLog log) {
        return new EventSink() {
            @Override
            public void happened(long tick, OwnerId owner, Object event) {
                log.happened(tick, owner, event);
            }

            @Override
            public List<byte[]> take() {
                return log.take();
            }
        };
    }
}
