package org.foliofleet.node.journal;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.serial.Encoder;
import org.foliofleet.protocol.serial.Wire;

/**
 * What happens to owners from commit to commit, for the journal: everything, or the last of each epoch. One thread at a time
 * uses it.
 */
public final class EventLog {
    /** Events of an epoch that are journaled where not everything is. */
    public static final int RECENT = 1024;
    private static final int CHUNK_BYTES = 256 << 10;

    /** The last events; null if all are kept. */
    private final Object[] events;
    private final long[] ticks;
    private final OwnerId[] owners;
    /** Since the last commit. */
    private long count;
    private List<byte[]> chunks = new ArrayList<>();
    private Encoder chunk;

    private EventLog(int kept) {
        events = kept == 0 ? null : new Object[kept];
        ticks = new long[kept];
        owners = new OwnerId[kept];
    }

    /** Of all events. */
    public static EventLog ofAll() {
        return new EventLog(0);
    }

    /** Of the last {@value #RECENT} of each epoch. */
    public static EventLog ofRecent() {
        return new EventLog(RECENT);
    }

    /** @param event a record that {@link Encoder} can write */
    public void happened(long tick, OwnerId owner, Object event) {
        if (events == null) {
            write(tick, owner, event, 0);
        } else {
            int at = (int) (count % events.length);
            events[at] = event;
            ticks[at] = tick;
            owners[at] = owner;
        }
        count++;
    }

    /** @param skipped events before the first of the chunk that are not kept */
    private void write(long tick, OwnerId owner, Object event, long skipped) {
        if (chunk == null) {
            chunk = new Encoder();
            Wire.header(chunk);
            chunk.writeLong(skipped);
        }
        chunk.writeBoolean(true);
        chunk.writeLong(tick);
        chunk.writeLong(owner.key());
        chunk.writeValue(event);
        if (chunk.size() >= CHUNK_BYTES) {
            endChunk();
        }
    }

    private void endChunk() {
        chunk.writeBoolean(false);
        chunks.add(chunk.toBytes());
        chunk = null;
    }

    /** What happened since the last time. */
    public List<byte[]> take() {
        if (events != null) {
            long skipped = Math.max(0, count - events.length);
            for (long i = skipped; i < count; i++) {
                int at = (int) (i % events.length);
                write(ticks[at], owners[at], events[at], skipped);
                events[at] = null;
            }
        }
        if (chunk != null) {
            endChunk();
        }
        List<byte[]> taken = chunks;
        chunks = new ArrayList<>();
        count = 0;
        return taken;
    }
}
