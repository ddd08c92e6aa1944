package org.foliofleet.coordinator.embedded;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.PostgresServer;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.Test;

/** Goal: two clusters do not have the experiments of one database. Method: locks of several coordinators on a PostgreSQL. */
class CoordinatorLockTest {
    @Test
    void whoBeginsAClusterHasTheDatabaseAloneAndOthersJoin() {
        try (PostgresServer server = PostgresServer.temporary()) {
            JournalDatabase database = JournalDatabase.open(server.address());
            CoordinatorLock first = CoordinatorLock.take(database, true);
            CoordinatorLock joined = CoordinatorLock.take(database, false);
            assertRefused(database);
            first.close();
            assertRefused(database);
            joined.close();
            CoordinatorLock.take(database, true).close();
        }
    }

    private static void assertRefused(JournalDatabase database) {
        BadInput refused = assertThrows(BadInput.class, () -> CoordinatorLock.take(database, true));
        assertTrue(refused.getMessage().contains(": a coordinator of another cluster has its experiments; join that cluster with --join HOST:PORT"),
                refused.getMessage());
    }
}
