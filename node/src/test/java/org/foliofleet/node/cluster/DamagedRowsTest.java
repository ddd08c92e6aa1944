package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.JournalDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a machine whose journal is damaged says which row and stops; the others of the JVM go on. Method: storms on an H2 file are killed,
 * rows of three of four are damaged in three ways.
 */
class DamagedRowsTest {
    private static final int ROUNDS = 10;
    private static final int EPOCHS = 12;
    private static final int COMMITS = 16;

    @TempDir
    Path directory;

    @Test
    void machinesWithDamagedRowsStopAndOthersGoOn() throws SQLException {
        DatabaseAddress database = DatabaseAddress.ofFile(directory.resolve("journal"));
        Storm[] storms = {storm(1), storm(2), storm(3), storm(4)};
        try (StormJvm jvm = new StormJvm(directory, database, ROUNDS, "machine", storms)) {
            jvm.permit(COMMITS);
            for (int told = 0; told < COMMITS; told++) {
                jvm.await(line -> line.contains(" epoch "));
            }
        }
        long flipped;
        long missing;
        long newer;
        try (Connection connection = JournalDatabase.open(database).connect()) {
            flipped = middleRow(connection, storms[0]);
            change(connection, storms[0], flipped, "update \"event_journal\" set \"event_payload\" = ? where \"persistence_id\" = ? and \"sequence_number\" = ?");
            missing = middleRow(connection, storms[1]);
            change(connection, storms[1], missing, "delete from \"event_journal\" where \"persistence_id\" = ? and \"sequence_number\" = ?");
            newer = middleRow(connection, storms[2]);
            change(connection, storms[2], newer, "update \"event_journal\" set \"event_ser_manifest\" = "
                    + "regexp_replace(\"event_ser_manifest\", '/[0-9]+$', '/99') where \"persistence_id\" = ? and \"sequence_number\" = ?");
        }
        try (StormJvm jvm = new StormJvm(directory, database, ROUNDS, "owner", storms)) {
            jvm.permit(1000);
            assertFailed(jvm.end(storms[0]), storms[0], "row " + flipped, "damaged");
            assertFailed(jvm.end(storms[1]), storms[1], "row", "missing");
            assertFailed(jvm.end(storms[2]), storms[2], "row " + newer, "version");
            assertEquals("finished " + storms[3].end(), jvm.end(storms[3]));
        }
        assertTrue(missing > 1);
    }

    private static Storm storm(long seed) {
        return new Storm(seed, ROUNDS, EPOCHS);
    }

    private static void assertFailed(String end, Storm storm, String... words) {
        assertTrue(end.startsWith("failed machine storm/host/" + storm.seed() + ": "), end);
        for (String word : words) {
            assertTrue(end.contains(word), end);
        }
    }

    /** A row that is neither the first nor the last. */
    private static long middleRow(Connection connection, Storm storm) throws SQLException {
        try (PreparedStatement rows = connection.prepareStatement("select \"sequence_number\" from \"event_journal\" where \"persistence_id\" = ? "
                + "order by \"sequence_number\" desc")) {
            rows.setString(1, persistenceId(connection, storm));
            try (ResultSet found = rows.executeQuery()) {
                assertTrue(found.next() && found.next());
                return found.getLong(1);
            }
        }
    }

    private static String persistenceId(Connection connection, Storm storm) throws SQLException {
        try (PreparedStatement rows = connection.prepareStatement("select max(\"persistence_id\") from \"event_journal\" where \"persistence_id\" like ?")) {
            rows.setString(1, "%storm/host/" + storm.seed() + "%");
            try (ResultSet found = rows.executeQuery()) {
                assertTrue(found.next());
                return found.getString(1);
            }
        }
    }

    private static void change(Connection connection, Storm storm, long row, String statement) throws SQLException {
        String id = persistenceId(connection, storm);
        try (PreparedStatement update = connection.prepareStatement(statement)) {
            int first = 1;
            if (statement.contains("= ? where")) {
                byte[] payload = payload(connection, id, row);
                payload[payload.length / 2] ^= 4;
                update.setBytes(first++, payload);
            }
            update.setString(first++, id);
            update.setLong(first, row);
            assertEquals(1, update.executeUpdate());
        }
    }

    private static byte[] payload(Connection connection, String id, long row) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select \"event_payload\" from \"event_journal\" where \"persistence_id\" = ? "
                + "and \"sequence_number\" = ?")) {
            select.setString(1, id);
            select.setLong(2, row);
            try (ResultSet found = select.executeQuery()) {
                assertTrue(found.next());
                return found.getBytes(1);
            }
        }
    }
}
