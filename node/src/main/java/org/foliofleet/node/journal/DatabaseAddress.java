package org.foliofleet.node.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.foliofleet.protocol.BadInput;

/**
 * Where the database is, and who asks.
 *
 * @param url      of JDBC: {@code jdbc:postgresql://HOST:PORT/DATABASE} or {@code jdbc:h2:file:FILE}
 * @param user     null if the URL says it, or none is needed
 * @param password the same
 */
public record DatabaseAddress(String url, String user, String password) {
    /** Names the environment variable with the URL. */
    public static final String URL = "FOLIOFLEET_DATABASE_URL";
    /** Names the environment variable with the user. */
    public static final String USER = "FOLIOFLEET_DATABASE_USER";
    /** Names the environment variable with the password. */
    public static final String PASSWORD = "FOLIOFLEET_DATABASE_PASSWORD";
    /** Names the environment variable with the name of a file that holds the password. */
    public static final String PASSWORD_FILE = "FOLIOFLEET_DATABASE_PASSWORD_FILE";

    private static final String POSTGRESQL_SCHEME = "jdbc:postgresql:";
    private static final String H2_SCHEME = "jdbc:h2:file:";
    /** Opens the file again when the channel to it was closed because a thread was interrupted that was using it. */
    private static final String H2_DRIVER_SCHEME = "jdbc:h2:retry:";
    /** A JVM that is frozen in the midst of a write holds its rows no longer: whoever goes on with its machine writes the same. */
    private static final String IDLE_LIMIT = "-c%20idle_in_transaction_session_timeout%3D10s";

    /** @throws BadInput if no database of this kind can be used */
    public DatabaseAddress {
        if (!url.startsWith(POSTGRESQL_SCHEME) && !url.startsWith(H2_SCHEME)) {
            throw new BadInput("database " + withoutOptions(url) + ": of no kind that is known; name " + POSTGRESQL_SCHEME
                    + "//HOST:PORT/DATABASE or " + H2_SCHEME + "FILE");
        }
    }

    /** A database in a file, for one JVM at a time. @param file without the ending that the database gives it */
    public static DatabaseAddress ofFile(Path file) {
        return new DatabaseAddress(H2_SCHEME + file.toAbsolutePath(), null, null);
    }

    /**
     * What the environment names; null if it names none.
     *
     * @param environment by name, as {@link System#getenv()} has it
     * @throws BadInput if it cannot be used
     */
    public static DatabaseAddress ofEnvironment(Map<String, String> environment) {
        String url = environment.get(URL);
        if (url == null || url.isBlank()) {
            return null;
        }
        String password = environment.get(PASSWORD);
        String file = environment.get(PASSWORD_FILE);
        if (password == null && file != null) {
            try {
                password = Files.readString(Path.of(file)).strip();
            } catch (IOException e) {
                throw new BadInput(PASSWORD_FILE + ": " + file + " cannot be read (" + e + "); name a file that holds the password");
            }
        }
        return new DatabaseAddress(url.strip(), environment.get(USER), password);
    }

    boolean isFile() {
        return url.startsWith(H2_SCHEME);
    }

    /** The file as it is in the file system; for a database in a file. */
    Path file() {
        return Path.of(withoutOptions(url).substring(H2_SCHEME.length()) + ".mv.db");
    }

    /** The URL with what the driver shall do, which stands behind what is already in it. */
    String driverUrl() {
        if (isFile()) {
            // A commit is in the file before it is answered, and the file is closed by whoever opened it, not at once at the
            // JVM's end, when machines may still be committing.
            // Pools interrupt their threads when an actor system ends; that must not cut off the writing of anybody else.
            // Whoever closes the file moves nothing about in it: a file that is cut off meanwhile may not be readable again.
            return H2_DRIVER_SCHEME + url.substring(H2_SCHEME.length()) + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;MAX_COMPACT_TIME=0;TRACE_LEVEL_FILE=0";
        }
        return url + (url.contains("?") ? "&" : "?") + "reWriteBatchedInserts=true&tcpKeepAlive=true&connectTimeout=10&socketTimeout=120"
                + "&ApplicationName=foliofleet&options=" + IDLE_LIMIT;
    }

    private static String withoutOptions(String url) {
        return url.split("[?;]", 2)[0];
    }

    /** The place, without what must not be shown. */
    @Override
    public String toString() {
        return withoutOptions(url).replaceAll("//[^/@]*@", "//");
    }
}
