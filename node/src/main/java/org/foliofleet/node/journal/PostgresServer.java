package org.foliofleet.node.journal;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.foliofleet.protocol.BadInput;

/**
 * A PostgreSQL server of one's own on loopback, for tests and for trying a cluster on one machine; what is committed is on
 * the disk. It can be stopped, killed and started again, with what it holds and on the same port.
 */
public final class PostgresServer implements AutoCloseable {
    private static final String DATABASE = "foliofleet";
    private static final int PATIENCE_SECONDS = 60;
    private static final int LINES_KEPT = 20;

    private final Path binaries;
    private final Path directory;
    private final boolean temporary;
    private final int port;
    private final String password;
    private final List<String> prefix;
    private Process process;

    private PostgresServer(Path binaries, Path directory, boolean temporary) throws IOException {
        this.binaries = binaries;
        this.directory = directory;
        this.temporary = temporary;
        port = freePort();
        prefix = PostgresBinaries.prefix(directory);
        Path secret = directory.resolve("password");
        boolean isNew = !Files.exists(secret);
        password = isNew ? UUID.randomUUID().toString() : Files.readString(secret);
        if (isNew) {
            Files.writeString(secret, password);
            run(command("initdb", "-D", data(), "-U", DATABASE, "-A", "scram-sha-256", "--pwfile=" + secret, "-E", "UTF8", "--locale=C"));
        }
        start();
        if (isNew) {
            createDatabase();
        }
    }

    /**
     * A new server, whose directory goes with it.
     *
     * @throws BadInput if there is no PostgreSQL on this machine
     */
    public static PostgresServer temporary() {
        return temporary(PostgresBinaries.find());
    }

    /** The same with the programs of that directory, such as {@code initdb}. */
    public static PostgresServer temporary(Path binaries) {
        try {
            return new PostgresServer(binaries, Files.createTempDirectory("foliofleet-postgresql"), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server with what it held there before, or a new one. @throws BadInput if there is no PostgreSQL on this machine */
    public static PostgresServer in(Path directory) {
        return in(directory, PostgresBinaries.find());
    }

    /** The same with the programs of that directory, such as {@code initdb}. */
    public static PostgresServer in(Path directory, Path binaries) {
        try {
            return new PostgresServer(binaries, Files.createDirectories(directory).toAbsolutePath(), false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where its database is. */
    public DatabaseAddress address() {
        return new DatabaseAddress("jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE, DATABASE, password);
    }

    /** On which it listens. */
    public int port() {
        return port;
    }

    /** Starts it again. */
    public void start() {
        try {
            Files.deleteIfExists(Path.of(data(), "postmaster.pid"));
            process = new ProcessBuilder(command("postgres", "-D", data(), "-p", Integer.toString(port), "-c", "listen_addresses=127.0.0.1",
                    "-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_connections=200",
                    "-c", "max_wal_size=2GB", "-c", "logging_collector=off", "-c", "log_destination=stderr", "-c", "lc_messages=C"))
                    .directory(directory.toFile()).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CompletableFuture<Void> ready = new CompletableFuture<>();
        Process started = process;
        Thread reader = new Thread(() -> follow(started, ready), "postgresql-" + port);
        reader.setDaemon(true);
        reader.start();
        try {
            ready.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            process.destroyForcibly();
            throw new IllegalStateException("PostgreSQL did not start: " + (e.getCause() instanceof TimeoutException
                    ? "not ready after " + PATIENCE_SECONDS + " s" : e.getCause().getMessage()), e);
        }
    }

    private static void follow(Process server, CompletableFuture<Void> ready) {
        ArrayDeque<String> last = new ArrayDeque<>();
        try (BufferedReader lines = server.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last.add(line);
                if (last.size() > LINES_KEPT) {
                    last.remove();
                }
                if (line.contains("ready to accept connections")) {
                    ready.complete(null);
                }
            }
        } catch (IOException e) {
            last.add(e.toString());
        }
        ready.completeExceptionally(new IOException(String.join("; ", last)));
    }

    private void createDatabase() {
        DatabaseAddress address = address();
        try (Connection connection = DriverManager.getConnection(address.url().replace("/" + DATABASE, "/postgres"), DATABASE, password);
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + DATABASE);
        } catch (SQLException e) {
            close();
            throw new IllegalStateException("PostgreSQL makes no database: " + e.getMessage(), e);
        }
    }

    /** Stops it; clients lose their connections. */
    public void stop() {
        if (process != null && process.isAlive()) {
            signal("INT", process.pid());
            await();
        }
    }

    /** Ends all its processes at once, as a loss of power does to them. */
    public void kill() {
        List<ProcessHandle> workers = process.descendants().toList();
        process.destroyForcibly();
        workers.forEach(ProcessHandle::destroyForcibly);
        await();
        workers.forEach(worker -> worker.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    }

    /** Lets it stand still, with its connections open: what is asked is not answered before {@link #goOn}. */
    public void standStill() {
        signalAll("STOP");
    }

    /** After {@link #standStill}. */
    public void goOn() {
        signalAll("CONT");
    }

    private void signalAll(String name) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(one -> signal(name, one.pid()));
    }

    private static void signal(String name, long process) {
        run(List.of("kill", "-" + name, Long.toString(process)));
    }

    private void await() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("PostgreSQL does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL ends", e);
        }
    }

    /** Stops it, and deletes what is temporary. */
    @Override
    public void close() {
        stop();
        if (temporary) {
            delete(directory.toFile());
        }
    }

    private static void delete(File file) {
        File[] inside = file.listFiles();
        if (inside != null && !Files.isSymbolicLink(file.toPath())) {
            Arrays.stream(inside).forEach(PostgresServer::delete);
        }
        file.delete();
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    private List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(binaries.resolve(program).toString());
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command.get(0) + " failed: " + output.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
