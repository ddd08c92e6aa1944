package org.foliofleet.node.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.foliofleet.node.journal.JournalRecord.BranchPoint;
import org.foliofleet.node.journal.JournalRecord.Resumed;

/**
 * Deletes rows of a lane that are needed no more: what is before the older of the last two images, but for branch points.
 * Where somebody went on from stays too: there whoever was before would write next, and finds the place taken.
 */
final class Retention {
    private static final Class<?>[] BRANCH_POINTS = {BranchPoint.class};
    private static final String DELETE = "delete from \"event_journal\" where \"persistence_id\" = ? and \"sequence_number\" >= ?"
            + " and \"sequence_number\" < ? and \"event_ser_manifest\" not like '" + Resumed.class.getSimpleName() + "/%'"
            + " and \"event_ser_manifest\" not like '" + BranchPoint.class.getSimpleName() + "/%'";

    private Retention() {}

    /** Deletes what is before that row. @throws SQLException if the database cannot be had; then it may be tried again */
    static void deleteBefore(JournalDatabase database, LaneId lane, long row) throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            long[] from = {0};
            new JournalRows(connection, lane).forEach(0, Long.MAX_VALUE, BRANCH_POINTS, (number, record) -> {
                BranchPoint point = (BranchPoint) record;
                delete(connection, lane, from[0], Math.min(row, point.image()));
                from[0] = Math.max(from[0], point.row() + 1);
            });
            delete(connection, lane, from[0], row);
            connection.commit();
        }
    }

    private static void delete(Connection connection, LaneId lane, long from, long to) throws SQLException {
        if (from >= to) {
            return;
        }
        try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
            delete.setString(1, lane.persistenceId());
            delete.setLong(2, from);
            delete.setLong(3, to);
            delete.executeUpdate();
        }
    }
}
