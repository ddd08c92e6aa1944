package org.foliofleet.node.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.journal.JournalRecord.EpochPrepared;
import org.foliofleet.node.journal.JournalRecord.EventsHappened;
import org.foliofleet.node.journal.JournalRecord.Resumed;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;

/** Events of one lane in their order, of epochs that were committed, some rows at a time. */
final class LaneEvents implements AutoCloseable {
    private static final long ROWS_AT_ONCE = 64;
    /** No row is read that holds states of owners. */
    private static final Class<?>[] KINDS = {EventsHappened.class, EpochPrepared.class, Resumed.class};

    private final Connection connection;
    private final JournalRows rows;
    private final long lastRow;
    private final long committed;
    private long nextRow = 1;
    /** Of an epoch of which it is not known whether it was committed. */
    private List<EventsHappened> chunks = new ArrayList<>();
    private EpochPrepared prepared;
    private final ArrayDeque<EventsHappened> ready = new ArrayDeque<>();
    private Decoder chunk;
    private long skipped;

    LaneEvents(JournalDatabase database, LaneId lane) throws SQLException {
        connection = database.connect();
        rows = new JournalRows(connection, lane);
        lastRow = rows.lastNumber();
        JournalRows.Row commit = new JournalRows(connection, new LaneId(lane.machine(), 0)).last(EpochCommitted.class, Long.MAX_VALUE);
        List<PreparedLane> lanes = commit == null ? List.of() : ((EpochCommitted) commit.record()).lanes();
        committed = lane.lane() < lanes.size() ? lanes.get(lane.lane()).row() : 0;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Whether the lane has never written. */
    boolean isEmpty() {
        return lastRow == 0;
    }

    /** Events that were not kept, of epochs that were looked at. */
    long skipped() {
        return skipped;
    }

    /** The next, without words; null after the last. */
    MachineHistory.Entry next() throws SQLException {
        while (true) {
            if (chunk != null && chunk.readBoolean()) {
                long tick = chunk.readLong();
                OwnerId owner = OwnerId.of(chunk.readLong());
                return new MachineHistory.Entry(tick, owner, chunk.readValue(), null);
            }
            chunk = null;
            if (!ready.isEmpty()) {
                open(ready.remove());
            } else if (nextRow <= lastRow) {
                readRows();
            } else {
                return null;
            }
        }
    }

    private void open(EventsHappened events) {
        chunk = new Decoder(events.events());
        try {
            Wire.header(chunk);
            skipped += chunk.readLong();
        } catch (DecodingException e) {
            throw new JournalDamage("events of epoch " + events.epoch() + " cannot be read: " + e.getMessage());
        }
    }

    private void readRows() throws SQLException {
        rows.forEach(nextRow, nextRow + ROWS_AT_ONCE - 1, KINDS, (number, record) -> {
            if (record instanceof EventsHappened events) {
                endEpochBefore(events.epoch());
                chunks.add(events);
            } else if (record instanceof EpochPrepared end) {
                endEpochBefore(end.position().epoch());
                prepared = end;
                if (end.alone() || number == committed) {
                    confirm();
                }
            } else if (record instanceof Resumed resumed) {
                if (prepared != null && prepared.position().row() == resumed.position().row()) {
                    confirm();
                }
                forget();
            }
        });
        nextRow += ROWS_AT_ONCE;
    }

    private void endEpochBefore(long epoch) {
        if (prepared != null && prepared.position().epoch() < epoch) {
            confirm();
        }
    }

    private void confirm() {
        ready.addAll(chunks);
        forget();
    }

    private void forget() {
        chunks = new ArrayList<>();
        prepared = null;
    }
}
