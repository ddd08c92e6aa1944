package org.foliofleet.node.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.foliofleet.protocol.BadInput;

/** The database of the journals: its tables, which are made if they are not there, and how Akka gets to it. */
public final class JournalDatabase {
    /** Grows with every change of the tables. */
    private static final int SCHEMA_VERSION = 1;
    private static final String H2_SCHEMA = "schema/h2/h2-create-schema.sql";

    private JournalDatabase() {}

    /**
     * An H2 database in a file, for one JVM at a time.
     *
     * @param file without the ending that H2 gives it; made if it does not exist
     * @return settings for an actor system
     * @throws BadInput if the file is in use, is no database, or holds tables of another version
     */
    public static Config h2(Path file) {
        String url = "jdbc:h2:file:" + file.toAbsolutePath();
        try (Connection connection = DriverManager.getConnection(url); Statement statement = connection.createStatement()) {
            prepare(statement, file);
        } catch (SQLException e) {
            throw new BadInput(file + ": cannot be opened as a database: " + e.getMessage() + "; end what else uses it, or name another file");
        }
        return ConfigFactory.parseMap(Map.of(
                "akka-persistence-jdbc.shared-databases.slick.profile", "slick.jdbc.H2Profile$",
                "akka-persistence-jdbc.shared-databases.slick.db.url", url,
                "akka-persistence-jdbc.shared-databases.slick.db.driver", "org.h2.Driver"))
                .withFallback(ConfigFactory.load("journal"));
    }

    private static void prepare(Statement statement, Path file) throws SQLException {
        statement.execute("create table if not exists \"foliofleet_schema\" (\"version\" int not null)");
        try (ResultSet versions = statement.executeQuery("select \"version\" from \"foliofleet_schema\"")) {
            if (versions.next()) {
                int version = versions.getInt(1);
                if (version != SCHEMA_VERSION) {
                    throw new BadInput(file + ": holds tables of version " + version + ", this program uses version " + SCHEMA_VERSION
                            + "; use the program that made them, or name another file");
                }
                return;
            }
        }
        for (String command : script(H2_SCHEMA).split(";")) {
            if (!command.isBlank()) {
                statement.execute(command);
            }
        }
        statement.execute("insert into \"foliofleet_schema\" values (" + SCHEMA_VERSION + ")");
    }

    private static String script(String name) {
        try (InputStream in = JournalDatabase.class.getClassLoader().getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
