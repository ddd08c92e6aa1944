package org.foliofleet.node.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.foliofleet.protocol.BadInput;

/** The database of the journals, checked, and how Akka and others get to it. */
public final class JournalDatabase {
    private static final String SLICK = "akka-persistence-jdbc.shared-databases.slick.";

    private final DatabaseAddress address;

    private JournalDatabase(DatabaseAddress address) {
        this.address = address;
    }

    /**
     * Gets to a database, and makes the tables if there are none.
     *
     * @throws BadInput if it cannot be reached, is used by another JVM that it can only have alone, or holds other tables than
     *                  those of this version
     */
    public static JournalDatabase open(DatabaseAddress address) {
        JournalDatabase database = new JournalDatabase(address);
        try (Connection connection = database.connect()) {
            JournalSchema.of(address).prepare(connection);
        } catch (SQLException e) {
            throw DatabaseTrouble.of(address, e);
        }
        if (address.isFile()) {
            FileOwner.note(address.file());
        }
        return database;
    }

    /** An {@linkplain #open opened} database in a file, for an actor system. */
    public static Config h2(Path file) {
        return open(DatabaseAddress.ofFile(file)).config();
    }

    /** The database that an actor system with these settings uses. */
    public static JournalDatabase of(Config config) {
        Config db = config.getConfig(SLICK + "foliofleet");
        return new JournalDatabase(new DatabaseAddress(db.getString("url"), text(db, "user"), text(db, "password")));
    }

    private static String text(Config config, String key) {
        return config.hasPath(key) ? config.getString(key) : null;
    }

    /** Settings for an actor system; what else it needs goes before them. */
    public Config config() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(SLICK + "profile", address.isFile() ? "slick.jdbc.H2Profile$" : "slick.jdbc.PostgresProfile$");
        settings.put(SLICK + "db.url", address.driverUrl());
        settings.put(SLICK + "db.driver", address.isFile() ? "org.h2.Driver" : "org.postgresql.Driver");
        if (address.isFile()) {
            // After a full disk the file is closed for all that had it open, and they do not notice until they ask something.
            settings.put(SLICK + "db.connectionTestQuery", "select 1");
        }
        settings.put(SLICK + "foliofleet.url", address.url());
        if (address.isFile()) {
            // Nobody else has the file, however long this JVM stands still, as it does while millions of actors are collected.
            settings.put("foliofleet.journal.sleep-limit", "1 day");
        }
        if (address.user() != null) {
            settings.put(SLICK + "db.user", address.user());
            settings.put(SLICK + "foliofleet.user", address.user());
        }
        if (address.password() != null) {
            settings.put(SLICK + "db.password", address.password());
            settings.put(SLICK + "foliofleet.password", address.password());
        }
        return ConfigFactory.parseMap(settings).withFallback(ConfigFactory.load("journal"));
    }

    /** A connection of one's own, to be closed by the caller. */
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        if (address.user() != null) {
            properties.setProperty("user", address.user());
        }
        if (address.password() != null) {
            properties.setProperty("password", address.password());
        }
        if (!address.isFile()) {
            // Bytes come as bytes from the first time on, not as text.
            properties.setProperty("prepareThreshold", "-1");
        }
        return DriverManager.getConnection(address.driverUrl(), properties);
    }

    /** Where it is. */
    public DatabaseAddress address() {
        return address;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
