package org.foliofleet.coordinator.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Random;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.JournalDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a file does not grow with all that was ever in it. Method: many rows come and nearly all go; then its JVM has no more use for it. */
class FileDatabaseTest {
    private static final int ROWS = 200;
    private static final int ROW_BYTES = 400_000;
    private static final int KEPT = 10;

    @TempDir
    private Path directory;

    @Test
    void aFileThatIsMostlyOfRowsThatAreGoneIsWrittenAnewWhenItIsClosed() throws Exception {
        JournalDatabase database = JournalDatabase.open(DatabaseAddress.ofFile(directory.resolve("journal")));
        FileDatabase file = FileDatabase.keep(database);
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("create table much (k int primary key, v varbinary)");
            Random random = new Random(1);
            try (PreparedStatement insert = connection.prepareStatement("insert into much values (?, ?)")) {
                for (int i = 0; i < ROWS; i++) {
                    byte[] bytes = new byte[ROW_BYTES];
                    random.nextBytes(bytes);
                    insert.setInt(1, i);
                    insert.setBytes(2, bytes);
                    insert.executeUpdate();
                }
            }
            statement.execute("delete from much where k >= " + KEPT);
            assertTrue(size() > (long) ROWS * ROW_BYTES, "the file has " + size() + " bytes");
        }
        file.close();
        assertTrue(size() < 3L * KEPT * ROW_BYTES, "the file has " + size() + " bytes");
        try (Connection connection = database.connect(); Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select count(*), sum(octet_length(v)) from much")) {
            assertTrue(rows.next());
            assertEquals(KEPT, rows.getInt(1));
            assertEquals(KEPT * ROW_BYTES, rows.getInt(2));
        }
    }

    private long size() throws Exception {
        return Files.size(directory.resolve("journal.mv.db"));
    }
}
