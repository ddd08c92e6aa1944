package org.foliofleet.coordinator.embedded;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.foliofleet.coordinator.experiment.EventSerializer;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.BadInput;

/** The rows of experiments in a database, before an actor reads them: whether this program can. */
final class ExperimentRows {
    private ExperimentRows() {}

    /** Whether there is any row of a machine's journal. */
    static boolean hasMachine(JournalDatabase database, String machine) {
        try (Connection connection = database.connect(); PreparedStatement statement = connection.prepareStatement(
                "select 1 from \"event_journal\" where \"persistence_id\" = ? fetch first 1 rows only")) {
            statement.setString(1, "machine|" + machine + "|0");
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        } catch (SQLException e) {
            throw unreadable(database, e);
        }
    }

    private static BadInput unreadable(JournalDatabase database, SQLException e) {
        return new BadInput("database " + database + ": its experiments cannot be read (" + e.getMessage() + "); try again, or name another database");
    }

    /** @throws BadInput if they were written by another version */
    static void requireReadable(JournalDatabase database) {
        // Quoted names: the columns are in lower case in both databases.
        String query = "select distinct \"event_ser_manifest\" from \"event_journal\" where \"persistence_id\" = 'experiments|all'"
                + " or \"persistence_id\" like 'experiment|%' and \"sequence_number\" = 1";
        try (Connection connection = database.connect(); Statement statement = connection.createStatement();
                ResultSet manifests = statement.executeQuery(query)) {
            while (manifests.next()) {
                String manifest = manifests.getString(1);
                if (!EventSerializer.isReadable(manifest)) {
                    throw new BadInput("database " + database + ": holds experiments of another version of this program (" + manifest + ", this one writes "
                            + EventSerializer.VERSION_SUFFIX + "); use the version that wrote them, or name another database");
                }
            }
        } catch (SQLException e) {
            throw unreadable(database, e);
        }
    }
}
