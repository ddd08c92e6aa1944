package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.foliofleet.node.journal.JournalDatabases.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: a journal does not grow for ever, and keeps what it must. Method: a thousand epochs of owners that change at random,
 * and looks at the rows that are left. {@code -Dseed=N} for another run.
 */
class JournalRetentionTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int EPOCHS = 1000;
    private static final int OWNERS = 2000;
    private static final int OWNER_BYTES = 400;
    private static PostgresServer server;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() {
        server = TestPostgres.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aThousandEpochsTakeAFewTimesTheRoomOfTheStateAndBranchPointsStay(Kind kind) throws Exception {
        JournalDatabase database = JournalDatabases.open(kind, server, directory);
        LaneId lane = new LaneId("long", 0);
        Random random = new Random(SEED);
        TreeMap<Long, String> branches = new TreeMap<>();
        long most = 0;
        String digest = null;
        ActorSystem<SpawnProtocol.Command> system = JournalDriver.system(database.config());
        try {
            JournalDriver journal = JournalDriver.of(system, lane, false);
            assertNull(journal.resume().committed());
            ModelLane model = new ModelLane(random, OWNER_BYTES);
            for (long epoch = 1; epoch <= EPOCHS; epoch++) {
                long branch = epoch % 400 == 0 ? epoch : 0;
                journal.commit(1, model.change(40, OWNERS, epoch), branch);
                digest = model.digest();
                if (branch > 0) {
                    branches.put(branch, digest);
                }
                if (epoch % 50 == 0) {
                    most = Math.max(most, bytes(database, lane));
                }
            }
        } finally {
            JournalDriver.end(system);
        }
        long state = 7L * OWNERS * OWNER_BYTES;
        long limit = state * (6 + 4 * branches.size()) + (1 << 20);
        long seen = most;
        assertTrue(most < limit, () -> seen + " bytes of rows, for a state of " + state + "; -Dseed=" + SEED);

        system = JournalDriver.system(database.config());
        try {
            assertEquals(digest, ModelLane.digest(JournalDriver.of(system, lane, false).resume().committed().rows()));
            assertEquals(List.copyOf(branches.keySet()), BranchPoints.list(database, "long").stream().map(BranchPoints.Point::number).toList());
            for (var branch : branches.entrySet()) {
                assertEquals(branch.getValue(), ModelLane.digest(BranchPoints.read(database, "long", branch.getKey()).rows()));
            }
            assertNull(BranchPoints.read(database, "long", 1));
        } finally {
            JournalDriver.end(system);
        }
    }

    private static long bytes(JournalDatabase database, LaneId lane) throws Exception {
        return JournalDatabases.count(database, "coalesce(sum(octet_length(\"event_payload\")), 0)", lane);
    }
}
