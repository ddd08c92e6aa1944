package org.foliofleet.coordinator.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.foliofleet.coordinator.experiment.EventSerializer;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.BadInput;

/** The rows of experiments in a database, before an actor reads them: whether this program can. */
final class ExperimentRows {
    private ExperimentRows() {}

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
            throw new BadInput("database " + database + ": its experiments cannot be read (" + e.getMessage() + "); try again, or name another database");
        }
    }
}
