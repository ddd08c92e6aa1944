package org.foliofleet.coordinator.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.BadInput;

/**
 * Keeps a second cluster from a PostgreSQL database whose experiments a first one has. Every coordinator shares an advisory lock
 * as long as it lives; who begins a cluster must, for a moment, have it alone. The lock goes with its connection, and is taken
 * again when the database was away: it is a guard against mistakes, not what keeps journals whole.
 */
final class CoordinatorLock implements AutoCloseable {
    /** Names the lock: an arbitrary number. */
    private static final long LOCK = 0x464f_4c49_4f43L;
    private static final int VALID_SECONDS = 3;
    private static final long BEAT_SECONDS = 5;

    private final JournalDatabase database;
    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "coordinator-lock");
        thread.setDaemon(true);
        return thread;
    });
    private Connection connection;

    private CoordinatorLock(JournalDatabase database) {
        this.database = database;
    }

    /**
     * Takes it.
     *
     * @param alone whether nobody else may have it: a cluster begins
     * @throws BadInput if somebody has
     */
    static CoordinatorLock take(JournalDatabase database, boolean alone) {
        CoordinatorLock lock = new CoordinatorLock(database);
        try {
            lock.connect(alone);
        } catch (SQLException e) {
            throw new BadInput("database " + database + ": " + e.getMessage() + "; try again when it is there");
        }
        lock.keeper.scheduleWithFixedDelay(lock::keep, BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS);
        return lock;
    }

    private void connect(boolean alone) throws SQLException {
        connection = database.connect();
        try (Statement statement = connection.createStatement()) {
            if (alone && !isTrue(statement, "select pg_try_advisory_lock(" + LOCK + ")")) {
                connection.close();
                throw new BadInput("database " + database + ": a coordinator of another cluster has its experiments; join that cluster with --join HOST:PORT,"
                        + " end it, or name another database");
            }
            statement.execute("select pg_advisory_lock_shared(" + LOCK + ")");
            if (alone) {
                statement.execute("select pg_advisory_unlock(" + LOCK + ")");
            }
        }
    }

    private static boolean isTrue(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            return result.next() && result.getBoolean(1);
        }
    }

    private synchronized void keep() {
        try {
            if (!keeper.isShutdown() && !connection.isValid(VALID_SECONDS)) {
                connection.close();
                connect(false);
            }
        } catch (SQLException e) {
            // The database is away, which others tell; the next beat tries again.
            return;
        }
    }

    @Override
    public void close() {
        keeper.shutdownNow();
        synchronized (this) {
            try {
                connection.close();
            } catch (SQLException e) {
                // Then it is closed already.
                return;
            }
        }
    }
}
