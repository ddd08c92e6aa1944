package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whoever names a database gets its tables, or one message that says what to do. Method: a PostgreSQL server and H2
 * files, spoilt one way at a time.
 */
class JournalDatabaseTest {
    private static PostgresServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        server = TestPostgres.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void execute(JournalDatabase database, String... commands) throws Exception {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        }
    }

    /** A new database of the server. */
    private static DatabaseAddress create(String name) throws Exception {
        execute(JournalDatabase.open(server.address()), "create database " + name);
        return named(name);
    }

    private static DatabaseAddress named(String name) {
        DatabaseAddress first = server.address();
        return new DatabaseAddress(first.url().replace("/foliofleet", "/" + name), first.user(), first.password());
    }

    private static void assertRefused(DatabaseAddress address, String... parts) {
        String message = assertThrows(BadInput.class, () -> JournalDatabase.open(address)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
        assertTrue(message.startsWith("database ") && message.lines().count() == 1, message);
    }

    @Test
    void theTablesAreMadeOnceByManyWhoComeTogether() throws Exception {
        DatabaseAddress address = create("together");
        CompletableFuture.allOf(IntStream.range(0, 6).mapToObj(i -> CompletableFuture.runAsync(() -> JournalDatabase.open(address)))
                .toArray(CompletableFuture[]::new)).join();
        execute(JournalDatabase.open(address), "insert into event_journal (persistence_id, sequence_number, writer, event_ser_id,"
                + " event_ser_manifest, event_payload) values ('a', 1, 'w', 1, 'm', ''::bytea)");
        JournalDatabase.open(address);
    }

    @Test
    void tablesOfAnotherVersionOrProgramAreRefused() throws Exception {
        DatabaseAddress newer = create("newer");
        execute(JournalDatabase.open(newer), "update foliofleet_schema set version = 99");
        assertRefused(newer, "version 99", "name another database");

        DatabaseAddress foreign = create("foreign_tables");
        execute(JournalDatabase.open(foreign), "drop table foliofleet_schema");
        assertRefused(foreign, "another program", "for FolioFleet alone");

        DatabaseAddress file = DatabaseAddress.ofFile(directory.resolve("newer"));
        execute(JournalDatabase.open(file), "update \"foliofleet_schema\" set \"version\" = 99");
        assertRefused(file, "version 99", "name another database");
    }

    @Test
    void aDatabaseThatCannotBeHadIsToldWithTheRemedy() throws Exception {
        DatabaseAddress right = server.address();
        assertRefused(named("nowhere"), "does not exist", "CREATE DATABASE");
        assertRefused(new DatabaseAddress(right.url(), right.user(), "wrong"), "refuses the user", DatabaseAddress.PASSWORD_FILE);
        assertRefused(new DatabaseAddress("jdbc:postgresql://u:secret@127.0.0.1:1/x?password=secret", null, null), "cannot be reached", "start it");
        assertFalse(assertThrows(BadInput.class, () -> JournalDatabase.open(
                new DatabaseAddress("jdbc:postgresql://u:secret@127.0.0.1:1/x?password=secret", null, null))).getMessage().contains("secret"));
        assertRefused(DatabaseAddress.ofFile(Path.of("/proc/none/file")), "cannot be opened", "name another file");
        assertTrue(assertThrows(BadInput.class, () -> new DatabaseAddress("jdbc:mysql://h/d", null, null)).getMessage().contains("jdbc:postgresql:"));
        Path broken = directory.resolve("broken.mv.db");
        Files.writeString(broken, "no database".repeat(1000));
        assertRefused(DatabaseAddress.ofFile(directory.resolve("broken")), "cannot be opened");
    }

    @Test
    void aUserWhoMayMakeNoTablesIsTold() throws Exception {
        DatabaseAddress address = create("guarded");
        JournalDatabase.open(create("other"));
        execute(JournalDatabase.open(server.address()), "create user reader password 'r'");
        assertRefused(new DatabaseAddress(address.url(), "reader", "r"), "make tables", "grant CREATE");
    }

    @Test
    void aServerThatWasKilledHasWhatWasCommitted() throws Exception {
        DatabaseAddress address = create("killed");
        execute(JournalDatabase.open(address), "create table kept (x int)", "insert into kept values (7)");
        server.kill();
        assertRefused(address, "cannot be reached");
        server.start();
        execute(JournalDatabase.open(address), "insert into kept values (8)");
    }

    @Test
    void aFileInUseByAnotherProcessIsRefusedWithItsNumber() throws Exception {
        DatabaseAddress address = DatabaseAddress.ofFile(directory.resolve("shared"));
        Process other = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Holder.class.getName(), address.url()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            assertEquals('+', other.getInputStream().read());
            assertRefused(address, "in use by process " + other.pid(), "name another file");
        } finally {
            other.destroyForcibly().waitFor();
        }
        JournalDatabase.open(address);
    }

    /** A JVM that has a database open until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            try (Connection connection = JournalDatabase.open(new DatabaseAddress(arguments[0], null, null)).connect()) {
                connection.createStatement().execute("create table kept (x int)");
                System.out.print('+');
                System.out.flush();
                while (System.in.read() >= 0) {
                    System.out.flush();
                }
            }
        }
    }

    @Test
    void whatAFileWasToldToCommitIsThereAfterAKill() throws Exception {
        DatabaseAddress address = DatabaseAddress.ofFile(directory.resolve("killed"));
        Process writer = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Writer.class.getName(), address.url()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        long last = 0;
        try (BufferedReader lines = writer.inputReader(StandardCharsets.US_ASCII)) {
            while (last < 200) {
                last = Long.parseLong(lines.readLine());
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        try (Connection connection = JournalDatabase.open(address).connect(); Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select max(x), count(*) from kept")) {
            row.next();
            assertTrue(row.getLong(1) >= last && row.getLong(2) == row.getLong(1), () -> "not all is there");
        }
    }

    /** A JVM that commits numbers and tells those that it has committed, until it is killed. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws Exception {
            try (Connection connection = JournalDatabase.open(new DatabaseAddress(arguments[0], null, null)).connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table kept (x bigint, y varchar)");
                connection.setAutoCommit(false);
                for (long number = 1; ; number++) {
                    statement.execute("insert into kept values (" + number + ", repeat('x', 1000))");
                    connection.commit();
                    System.out.println(number);
                }
            }
        }
    }

    @Test
    void theEnvironmentNamesTheDatabase() throws IOException {
        assertNull(DatabaseAddress.ofEnvironment(Map.of()));
        Path secret = Files.writeString(directory.resolve("secret"), "s3cret\n");
        DatabaseAddress address = DatabaseAddress.ofEnvironment(Map.of(DatabaseAddress.URL, "jdbc:postgresql://h/d?ssl=true",
                DatabaseAddress.USER, "u", DatabaseAddress.PASSWORD_FILE, secret.toString()));
        assertEquals("u", address.user());
        assertEquals("s3cret", address.password());
        assertEquals("jdbc:postgresql://h/d", address.toString());
        assertTrue(assertThrows(BadInput.class, () -> DatabaseAddress.ofEnvironment(Map.of(DatabaseAddress.URL, "jdbc:postgresql://h/d",
                DatabaseAddress.PASSWORD_FILE, "/nowhere"))).getMessage().contains(DatabaseAddress.PASSWORD_FILE));
    }

    /** Pools interrupt their threads when an actor system ends; a channel to a file that an interrupted thread uses is closed for all. */
    @Test
    void aThreadThatIsInterruptedCutsNobodyOffFromAFile() throws Exception {
        JournalDatabase database = JournalDatabase.open(DatabaseAddress.ofFile(directory.resolve("interrupted")));
        try (Connection other = database.connect(); Connection one = database.connect(); Statement writing = one.createStatement()) {
            writing.execute("create table kept (k int primary key, v varchar)");
            Thread.currentThread().interrupt();
            writing.execute("insert into kept values (1, repeat('x', 100000))");
            Thread.interrupted();
            try (Statement statement = other.createStatement()) {
                statement.execute("insert into kept values (2, repeat('y', 100000))");
                statement.execute("shutdown");
            }
        }
        try (Connection again = database.connect(); Statement statement = again.createStatement();
                ResultSet rows = statement.executeQuery("select sum(length(v)) from kept")) {
            assertTrue(rows.next());
            assertEquals(200_000, rows.getInt(1));
        }
    }
}
