package org.foliofleet.node.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Databases for tests, and looks at their rows behind the journal's back. */
final class JournalDatabases {
    /** Which. */
    enum Kind {
        H2, POSTGRESQL
    }

    private JournalDatabases() {}

    static JournalDatabase open(Kind kind, PostgresServer server, Path directory) {
        return JournalDatabase.open(kind == Kind.H2 ? DatabaseAddress.ofFile(directory.resolve("journal")) : server.address());
    }

    static int execute(JournalDatabase database, String command) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            return statement.executeUpdate(command);
        }
    }

    static long count(JournalDatabase database, String what, LaneId lane) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select " + what + " from \"event_journal\" where \"persistence_id\" = '"
                        + lane.persistenceId() + "'")) {
            row.next();
            return row.getLong(1);
        }
    }
}
