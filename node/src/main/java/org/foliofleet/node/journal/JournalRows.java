package org.foliofleet.node.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.foliofleet.node.journal.JournalRecord.EpochPrepared;
import org.foliofleet.protocol.id.OwnerId;

/** The rows of a lane in the database. Every failure to read one names it. */
final class JournalRows {
    private static final int FETCHED_AT_ONCE = 16;
    private static final String COLUMNS = "select \"sequence_number\", \"event_ser_manifest\", \"event_payload\" from \"event_journal\""
            + " where \"persistence_id\" = ? and \"sequence_number\" between ? and ?";

    private final Connection connection;
    private final LaneId lane;

    /** A row. */
    record Row(long number, JournalRecord record) {}

    /** Gets rows. */
    @FunctionalInterface
    interface Visitor {
        void visit(long number, JournalRecord record) throws SQLException;
    }

    JournalRows(Connection connection, LaneId lane) {
        this.connection = connection;
        this.lane = lane;
    }

    /** What precedes a complaint about a row. */
    String name(long number) {
        return (lane.lane() == 0 ? "row " : "lane " + lane.lane() + ", row ") + number + ": ";
    }

    private JournalRecord record(ResultSet row) throws SQLException {
        try {
            return JournalSerializer.read(row.getBytes(3), row.getString(2));
        } catch (JournalDamage e) {
            throw new JournalDamage(name(row.getLong(1)) + e.getMessage() + whatWas(row.getLong(1)));
        }
    }

    /** Goes over rows in order. */
    void forEach(long from, long to, Visitor visitor) throws SQLException {
        forEach(from, to, "", visitor);
    }

    /** Goes over rows in order, of some kinds only. */
    void forEach(long from, long to, Class<?>[] kinds, Visitor visitor) throws SQLException {
        String any = Arrays.stream(kinds).map(kind -> "\"event_ser_manifest\" like '" + kind.getSimpleName() + "/%'")
                .collect(Collectors.joining(" or "));
        forEach(from, to, " and (" + any + ")", visitor);
    }

    /** The last row; 0 if there is none. */
    long lastNumber() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select coalesce(max(\"sequence_number\"), 0) from \"event_journal\" where \"persistence_id\" = ?")) {
            select.setString(1, lane.persistenceId());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void forEach(long from, long to, String condition, Visitor visitor) throws SQLException {
        try (PreparedStatement select = select(condition + " order by \"sequence_number\"", from, to)) {
            select.setFetchSize(FETCHED_AT_ONCE);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    visitor.visit(row.getLong(1), record(row));
                }
            }
        }
    }

    private PreparedStatement select(String rest, long from, long to) throws SQLException {
        PreparedStatement select = connection.prepareStatement(COLUMNS + rest);
        select.setString(1, lane.persistenceId());
        select.setLong(2, from);
        select.setLong(3, to);
        return select;
    }

    /** The last of a kind; null if there is none. */
    Row last(Class<?> kind, long highest) throws SQLException {
        return one(" and \"event_ser_manifest\" like '" + kind.getSimpleName() + "/%' order by \"sequence_number\" desc limit 1", 0, highest);
    }

    /** The end of an epoch. */
    EpochPrepared end(PreparedLane seal) throws SQLException {
        Row row = one("", seal.row(), seal.row());
        if (row == null) {
            throw new JournalDamage(name(seal.row()) + "it is missing, the end of an epoch that was committed");
        }
        if (!(row.record() instanceof EpochPrepared end) || !end.position().digest().equals(seal.digest())) {
            throw new JournalDamage(name(seal.row()) + "it is not the end of an epoch with digest " + seal.digest());
        }
        return end;
    }

    private Row one(String rest, long from, long to) throws SQLException {
        try (PreparedStatement select = select(rest, from, to); ResultSet row = select.executeQuery()) {
            return row.next() ? new Row(row.getLong(1), record(row)) : null;
        }
    }

    /** The owners of a row that cannot be read, as the end of its epoch names them; or nothing. */
    String whatWas(long number) throws SQLException {
        try (PreparedStatement select = select(" and \"event_ser_manifest\" = '" + JournalSerializer.manifest(EpochPrepared.class)
                + "' order by \"sequence_number\" limit 1", number + 1, Long.MAX_VALUE); ResultSet row = select.executeQuery()) {
            if (row.next() && JournalSerializer.read(row.getBytes(3), row.getString(2)) instanceof EpochPrepared end) {
                long chunk = number - end.firstRow();
                if (chunk >= 0 && chunk < end.owners().length / 2) {
                    int at = (int) chunk * 2;
                    return "; it held " + OwnerId.of(end.owners()[at]) + " to " + OwnerId.of(end.owners()[at + 1]) + " of epoch "
                            + end.position().epoch();
                }
            }
            return "";
        } catch (JournalDamage e) {
            return "";
        }
    }
}
