package org.foliofleet.coordinator.embedded;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.BadInput;

/**
 * Keeps a database in a file open until its JVM has no more use for it. The database closes itself with its last connection,
 * which pools give up on threads that nobody waits for: a JVM that ends meanwhile cuts it off while it puts its file in order.
 */
final class FileDatabase implements AutoCloseable {
    private final JournalDatabase database;
    private final Connection open;

    private FileDatabase(JournalDatabase database, Connection open) {
        this.database = database;
        this.open = open;
    }

    /** @throws BadInput if it cannot be opened */
    static FileDatabase keep(JournalDatabase database) {
        try {
            return new FileDatabase(database, database.connect());
        } catch (SQLException e) {
            throw new BadInput("database " + database + ": cannot be opened (" + e.getMessage() + "); name another directory with --data");
        }
    }

    /** Closes the database, and returns when its file is in order. */
    @Override
    public void close() {
        try (open; Connection last = open.isValid(1) ? open : database.connect(); Statement statement = last.createStatement()) {
            statement.execute("SHUTDOWN");
        } catch (SQLException e) {
            // It is closed, or its disk is gone; what was committed is in the file in any case.
            return;
        }
    }
}
