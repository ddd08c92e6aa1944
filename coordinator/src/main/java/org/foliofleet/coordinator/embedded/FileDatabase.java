package org.foliofleet.coordinator.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.BadInput;

/**
 * Keeps a database in a file open until its JVM has no more use for it. The database closes itself with its last connection,
 * which pools give up on threads that nobody waits for: a JVM that ends meanwhile cuts it off while it puts its file in order.
 */
final class FileDatabase implements AutoCloseable {
    /** More than that is worth the time it takes to write what is left. */
    private static final long WASTE_BYTES = 32L << 20;

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

    /**
     * Closes the database, and returns when its file is in order. A file that is mostly of rows that are gone is written anew, beside the old
     * one, which it then replaces: whenever that is cut off, one of them is whole.
     */
    @Override
    public void close() {
        try (open; Connection last = open.isValid(1) ? open : database.connect(); Statement statement = last.createStatement()) {
            boolean worthIt = waste(statement) > WASTE_BYTES;
            statement.execute(worthIt ? "SHUTDOWN COMPACT" : "SHUTDOWN");
        } catch (SQLException e) {
            // It is closed, or its disk is gone; what was committed is in the file in any case.
            return;
        }
    }

    /** Bytes of the file that hold nothing that is still there, as far as the database knows; 0 unless they are most of it. */
    private static long waste(Statement statement) throws SQLException {
        try (ResultSet settings = statement.executeQuery("select (select cast(setting_value as bigint) from information_schema.settings where "
                + "setting_name = 'info.FILE_SIZE'), (select cast(setting_value as bigint) from information_schema.settings where setting_name = "
                + "'info.CHUNKS_FILL_RATE')")) {
            settings.next();
            long gone = 100 - settings.getLong(2);
            return gone > 50 ? settings.getLong(1) * gone / 100 : 0;
        }
    }
}
