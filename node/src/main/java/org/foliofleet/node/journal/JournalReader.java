package org.foliofleet.node.journal;

import java.sql.Connection;
import java.sql.SQLException;
import org.foliofleet.node.journal.JournalCommand.Committed;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.journal.JournalRecord.EpochPrepared;
import org.foliofleet.node.journal.JournalRecord.Position;
import org.foliofleet.node.journal.JournalRecord.Resumed;

/**
 * Reads what a lane has written: from the first row of the last whole image on, whatever there was before.
 *
 * <p>Methods throw {@link SQLException} if the database cannot be had, and {@link JournalDamage}, which names the row, if rows
 * are missing or are not as they were written.
 */
final class JournalReader implements AutoCloseable {
    private final Connection connection;
    private final JournalRows rows;

    /** Where the machine is: its last commit, null if there was none, and where lane 0 is in its journal. */
    record Last(long incarnation, Committed committed, Position position) {}

    /** Where a lane is. @param rows null if it begins anew */
    record Lane(long incarnation, Position position, RowSet rows) {}

    JournalReader(JournalDatabase database, LaneId lane) throws SQLException {
        connection = database.connect();
        connection.setAutoCommit(false);
        rows = new JournalRows(connection, lane);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Goes over all rows of a kind. */
    void forEach(Class<?> kind, JournalRows.Visitor visitor) throws SQLException {
        rows.forEach(0, Long.MAX_VALUE, new Class<?>[] {kind}, visitor);
    }

    /** Lane 0: the machine's last commit among rows up to {@code highest}. */
    Last machine(long highest) throws SQLException {
        JournalRows.Row row = rows.last(EpochCommitted.class, highest);
        if (row == null) {
            requireWhole(1, highest, new LaneFold(), 0);
            return new Last(incarnation(highest), null, Position.anew(0));
        }
        EpochCommitted commit = (EpochCommitted) row.record();
        PreparedLane seal = commit.lanes().get(0);
        EpochPrepared end = rows.end(seal);
        return new Last(incarnation(highest), toCommitted(commit, read(end, seal, highest)), end.position());
    }

    /** Another lane, as it was when that was its end. */
    Lane lane(PreparedLane seal, long epoch, long highest) throws SQLException {
        if (seal == null) {
            return new Lane(incarnation(highest), Position.anew(epoch), null);
        }
        EpochPrepared end = rows.end(seal);
        return new Lane(incarnation(highest), end.position(), read(end, seal, highest));
    }

    /** The lane's rows as they were when that was its end; what came later is not looked at. */
    RowSet rows(PreparedLane seal) throws SQLException {
        return read(rows.end(seal), seal, seal.row());
    }

    static Committed toCommitted(EpochCommitted commit, RowSet rows) {
        return new Committed(commit.epoch(), commit.tick(), commit.quiet(), commit.digest(), commit.lanes(), rows);
    }

    /** The last who went on with the lane. */
    private long incarnation(long highest) throws SQLException {
        JournalRows.Row row = rows.last(Resumed.class, highest);
        return row == null ? 0 : ((Resumed) row.record()).incarnation();
    }

    private RowSet read(EpochPrepared end, PreparedLane seal, long highest) throws SQLException {
        LaneFold fold = new LaneFold();
        return requireWhole(end.position().image(), highest, fold, seal.row());
    }

    /** Reads rows, of which none may be missing; the result is the state at the row {@code end}. */
    private RowSet requireWhole(long from, long to, LaneFold fold, long end) throws SQLException {
        RowSet[] result = new RowSet[1];
        long[] expected = {from};
        rows.forEach(from, to, (number, record) -> {
            requireNumber(expected[0]++, number);
            try {
                fold.add(record);
                if (number == end) {
                    fold.confirm();
                    result[0] = fold.rows();
                }
            } catch (JournalDamage e) {
                throw new JournalDamage(rows.name(number) + e.getMessage());
            }
        });
        // Of a lane whose first rows are gone because it began anew there is nothing to be missed.
        if (from > 1 || end > 0) {
            requireNumber(expected[0], to + 1);
        }
        try {
            if (to != end) {
                fold.end();
            }
        } catch (JournalDamage e) {
            throw new JournalDamage(rows.name(to + 1) + e.getMessage());
        }
        return result[0];
    }

    private void requireNumber(long expected, long number) throws SQLException {
        if (number != expected) {
            throw new JournalDamage(rows.name(expected) + "it is missing" + rows.whatWas(expected));
        }
    }
}
