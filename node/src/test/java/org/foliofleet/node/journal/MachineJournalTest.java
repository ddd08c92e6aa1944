package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.foliofleet.node.journal.JournalCommand.CommitLanes;
import org.foliofleet.node.journal.JournalCommand.Prepared;
import org.foliofleet.node.journal.JournalCommand.Refused;
import org.foliofleet.node.journal.JournalCommand.Resumption;
import org.foliofleet.node.journal.JournalCommand.Written;
import org.foliofleet.node.journal.JournalDatabases.Kind;
import org.foliofleet.node.journal.JournalDriver.JournalEnded;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: what a journal gives to go on with is the last commit, whoever was cut off when. Method: lanes that change at random,
 * beside a model in memory; journals are abandoned at any point. {@code -Dseed=N} for another run.
 */
class MachineJournalTest {
    private static final long SEED = Long.getLong("seed", 1);
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

    /** One test on one database. */
    private interface Scenario {
        void run(ActorSystem<SpawnProtocol.Command> system, JournalDatabase database) throws Exception;
    }

    private static void on(Kind kind, Scenario scenario) throws Exception {
        JournalDatabase database = JournalDatabases.open(kind, server, directory);
        ActorSystem<SpawnProtocol.Command> system = JournalDriver.system(database.config());
        try {
            scenario.run(system, database);
        } finally {
            JournalDriver.end(system);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aMachineGoesOnFromItsLastCommitHoweverOftenItIsCutOff(Kind kind) throws Exception {
        on(kind, (system, database) -> {
            Random random = new Random(SEED);
            ModelLane model = new ModelLane(random, 3000);
            String digest = null;
            long epoch = 0;
            for (int life = 1; life <= 12; life++) {
                String what = "life " + life + ", -Dseed=" + SEED;
                JournalDriver journal = JournalDriver.of(system, "cut");
                Resumption resumption = journal.resume();
                assertEquals(life, resumption.incarnation(), what);
                if (digest == null) {
                    assertNull(resumption.committed(), what);
                } else {
                    assertEquals(epoch, resumption.committed().epoch(), what);
                    assertEquals(digest, resumption.committed().digest(), what);
                    assertEquals(digest, ModelLane.digest(resumption.committed().rows()), what);
                    model = new ModelLane(random, 3000, resumption.committed().rows(), random.nextBoolean());
                }
                for (int i = random.nextInt(6); i >= 0; i--) {
                    var changes = model.change(1 + random.nextInt(300), 400, epoch * 10);
                    epoch++;
                    assertEquals(new Written(epoch, changes.tick(), false, changes.digest()), journal.commit(life, changes), what);
                    digest = model.digest();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void writesOfAnOlderIncarnationAreRefusedEvenWhereRowsWereDeleted(Kind kind) throws Exception {
        on(kind, (system, database) -> {
            Random random = new Random(SEED);
            LaneId lane = new LaneId("stale", 0);
            JournalDriver first = JournalDriver.of(system, "stale");
            first.resume();
            ModelLane model = new ModelLane(random, 100);
            first.commit(1, model.change(20, 50, 1));

            JournalDriver second = JournalDriver.of(system, "stale");
            ModelLane other = new ModelLane(random, 100, second.resume().committed().rows(), true);
            for (int i = 0; i < 60; i++) {
                second.commit(2, other.change(20, 50, 2 + i));
            }
            String before = other.digest();
            JournalDatabases.execute(database, "delete from \"event_journal\" where \"persistence_id\" = '" + lane.persistenceId()
                    + "' and \"sequence_number\" between 6 and 30 and \"event_ser_manifest\" not like 'Resumed%'");
            String there = "coalesce(sum(case when \"sequence_number\" between 6 and 30 then 1 else 0 end), 0)";

            JournalEnded refused = assertThrows(JournalEnded.class, () -> first.commit(1, model.change(20, 50, 3)));
            assertEquals(JournalFailure.Kind.REFUSED, refused.failure().kind(), refused.toString());
            assertEquals(0, JournalDatabases.count(database, there, lane));
            assertEquals(new Refused(2), second.commit(1, other.change(1, 50, 1)));
            assertEquals(new Refused(2), JournalDriver.of(system, "stale").resumeAfter(1));
            assertEquals(2, JournalDriver.of(system, "stale").look().incarnation());

            Resumption third = assertInstanceOf(Resumption.class, JournalDriver.of(system, "stale").resumeAfter(2));
            assertEquals(before, ModelLane.digest(third.committed().rows()));
        });
    }

    /** A machine over several lanes, which is led by a test. */
    private static final class Spread {
        private final List<JournalDriver> journals = new ArrayList<>();
        private final List<ModelLane> lanes = new ArrayList<>();
        private final Resumption resumption;

        Spread(ActorSystem<SpawnProtocol.Command> system, Random random, int count) {
            journals.add(JournalDriver.of(system, "spread"));
            resumption = journals.get(0).resume();
            var committed = resumption.committed();
            boolean same = committed != null && committed.lanes().size() == count;
            for (int i = 0; i < count; i++) {
                RowSet rows = committed == null ? null : committed.rows();
                if (i > 0) {
                    journals.add(JournalDriver.of(system, new LaneId("spread", i), false));
                    rows = journals.get(i).resumeLane(resumption.incarnation(), committed == null ? 0 : committed.epoch(),
                            same ? committed.lanes().get(i) : null).rows();
                }
                lanes.add(same ? new ModelLane(random, 500, rows, true) : new ModelLane(random, 500));
            }
        }

        List<String> digests() {
            return lanes.stream().map(ModelLane::digest).toList();
        }

        /** @param until how many steps of the commit are made: all lanes, then lane 0 */
        boolean commit(Random random, long tick, int until) {
            List<PreparedLane> seals = new ArrayList<>();
            for (int i = 0; i < lanes.size(); i++) {
                var changes = lanes.get(i).change(1 + random.nextInt(100), 200, tick);
                if (i < until) {
                    seals.add(((Prepared) journals.get(i).prepare(resumption.incarnation(), changes, lanes.get(i).digest(), 0)).seal());
                }
            }
            if (until <= lanes.size()) {
                return false;
            }
            assertInstanceOf(Written.class, journals.get(0).commitLanes(new CommitLanes(resumption.incarnation(), tick, false,
                    digests().toString(), seals, 0, null)));
            return true;
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void lanesGoOnFromTheSameCommitWhereverTheyWereCutOff(Kind kind) throws Exception {
        on(kind, (system, database) -> {
            Random random = new Random(SEED);
            List<String> committed = null;
            long epoch = 0;
            for (int life = 1; life <= 15; life++) {
                int count = life < 6 ? 3 : life < 9 ? 5 : 2;
                String what = "life " + life + ", -Dseed=" + SEED;
                Spread spread = new Spread(system, random, count);
                assertEquals(life, spread.resumption.incarnation(), what);
                if (committed != null) {
                    assertEquals(committed.toString(), spread.resumption.committed().digest(), what);
                    assertEquals(epoch, spread.resumption.committed().epoch(), what);
                    if (committed.size() == count) {
                        assertEquals(committed, spread.digests(), what);
                    } else {
                        assertEquals(committed, read(database, spread.resumption.committed()), what);
                    }
                }
                for (int i = random.nextInt(3); i >= 0; i--) {
                    spread.commit(random, epoch, count + 1);
                    epoch++;
                    committed = spread.digests();
                }
                spread.commit(random, epoch, random.nextInt(count + 1));
            }
        });
    }

    private static List<String> read(JournalDatabase database, JournalCommand.Committed committed) {
        return LaneRows.read(database, "spread", committed.lanes()).stream().map(ModelLane::digest).toList();
    }
}
