package org.foliofleet.node.journal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.foliofleet.protocol.BadInput;

/** The tables of the journals. Those who come at the same time make them once. */
final class JournalSchema {
    /** Grows with every change of the tables. */
    static final int VERSION = 2;
    /** Names the lock that one holds who makes tables: an arbitrary number. */
    private static final long LOCK = 0x464f_4c49_4f53L;

    private final DatabaseAddress address;

    private JournalSchema(DatabaseAddress address) {
        this.address = address;
    }

    static JournalSchema of(DatabaseAddress address) {
        return new JournalSchema(address);
    }

    /**
     * Makes the tables if there are none.
     *
     * @throws BadInput if there are others
     */
    void prepare(Connection connection) throws SQLException {
        synchronized (JournalSchema.class) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                if (!address.isFile()) {
                    statement.execute("select pg_advisory_xact_lock(" + LOCK + ")");
                }
                if (exists(statement, "foliofleet_schema")) {
                    requireVersion(statement);
                } else if (exists(statement, "event_journal") || exists(statement, "snapshot")) {
                    throw new BadInput("database " + address + ": holds tables of another program, event_journal or snapshot, but no foliofleet_schema;"
                            + " name a database for FolioFleet alone");
                } else {
                    create(statement);
                }
                connection.commit();
            }
        }
    }

    private boolean exists(Statement statement, String table) throws SQLException {
        String schema = address.isFile() ? "current_schema" : "any (current_schemas(false))";
        try (ResultSet found = statement.executeQuery("select count(*) from information_schema.tables where table_name = '" + table
                + "' and table_schema = " + schema)) {
            found.next();
            return found.getLong(1) > 0;
        }
    }

    private void requireVersion(Statement statement) throws SQLException {
        try (ResultSet versions = statement.executeQuery("select \"version\" from \"foliofleet_schema\"")) {
            int version = versions.next() ? versions.getInt(1) : 0;
            if (version != VERSION) {
                throw new BadInput("database " + address + ": holds tables of version " + version + ", this program uses version " + VERSION
                        + "; use the program that made them, or name another database");
            }
        }
    }

    private void create(Statement statement) throws SQLException {
        for (String command : script(address.isFile() ? "h2.sql" : "postgresql.sql").replaceAll("(?m)^--.*$", "").split(";")) {
            if (!command.isBlank()) {
                statement.execute(command);
            }
        }
        statement.execute("create table \"foliofleet_schema\" (\"version\" int not null)");
        statement.execute("insert into \"foliofleet_schema\" values (" + VERSION + ")");
    }

    private static String script(String name) {
        try (InputStream in = JournalSchema.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
