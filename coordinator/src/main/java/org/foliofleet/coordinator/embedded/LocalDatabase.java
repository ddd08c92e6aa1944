package org.foliofleet.coordinator.embedded;

import java.nio.file.Path;
import java.util.Map;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.PostgresServer;
import org.foliofleet.protocol.BadInput;

/** A PostgreSQL on loopback for a cluster on this machine. */
public final class LocalDatabase implements AutoCloseable {
    private final PostgresServer server;
    private final Path directory;

    private LocalDatabase(PostgresServer server, Path directory) {
        this.server = server;
        this.directory = directory;
    }

    /**
     * Starts it with what it held before.
     *
     * @throws BadInput if there is no PostgreSQL on this machine
     */
    public static LocalDatabase in(Path directory) {
        return new LocalDatabase(PostgresServer.in(directory), directory);
    }

    /** What a member's environment must say to use it. */
    public Map<String, String> environment() {
        DatabaseAddress address = server.address();
        return Map.of(DatabaseAddress.URL, address.url(), DatabaseAddress.USER, address.user(), DatabaseAddress.PASSWORD, address.password());
    }

    /** The same for a person who starts a member by hand: settings before a command. */
    public String settings() {
        return DatabaseAddress.URL + "=" + server.address().url() + " " + DatabaseAddress.USER + "=" + server.address().user() + " "
                + DatabaseAddress.PASSWORD_FILE + "=" + directory.resolve("password");
    }

    /** Where it is, without what must not be shown. */
    @Override
    public String toString() {
        return server.address().toString();
    }

    @Override
    public void close() {
        server.close();
    }
}
