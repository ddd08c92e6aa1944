package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.foliofleet.node.journal.JournalCommand.Written;
import org.foliofleet.node.journal.JournalDriver.JournalEnded;
import org.foliofleet.node.journal.JournalFailure.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: a database that goes away is one kind of failure, loses nothing, and can be used again. Method: a server of the test's own. */
class DatabaseAwayTest {
    private PostgresServer server;
    private JournalDatabase database;
    private ActorSystem<SpawnProtocol.Command> system;
    private final ModelLane model = new ModelLane(new Random(3), 1000);

    @BeforeEach
    void start() {
        server = TestPostgres.start();
        database = JournalDatabase.open(server.address());
        system = JournalDriver.system(ConfigFactory.parseString("akka-persistence-jdbc.shared-databases.slick.db.connectionTimeout = 1s")
                .withFallback(database.config()));
    }

    @AfterEach
    void stop() {
        JournalDriver.end(system);
        server.close();
    }

    private static void assertUnavailable(JournalEnded ended) {
        assertEquals(Kind.UNAVAILABLE, ended.failure().kind(), ended.toString());
        assertTrue(ended.failure().reason().startsWith("the database cannot be had: "), ended.toString());
    }

    @Test
    void aServerThatIsStoppedOrKilledIsUnavailableUntilItIsBack() {
        JournalDriver journal = JournalDriver.of(system, "m");
        journal.resume();
        journal.commit(1, model.change(50, 100, 1));
        String digest = model.digest();
        server.kill();
        assertUnavailable(assertThrows(JournalEnded.class, () -> journal.commit(1, model.change(50, 100, 2))));
        assertUnavailable(assertThrows(JournalEnded.class, () -> JournalDriver.of(system, "m").resume()));
        server.start();
        JournalDriver again = JournalDriver.of(system, "m");
        JournalCommand.Resumption resumption = again.resume();
        assertEquals(digest, ModelLane.digest(resumption.committed().rows()));
        ModelLane other = new ModelLane(new Random(4), 1000, resumption.committed().rows(), true);
        assertInstanceOf(Written.class, again.commit(2, other.change(50, 100, 2)));
    }

    @Test
    void aDatabaseThatHasNoRoomOrRefusesToWriteIsUnavailable() throws Exception {
        JournalDriver journal = JournalDriver.of(system, "m");
        journal.resume();
        // Stands for a full disk: the server's answer, 53100, comes in the same way.
        JournalDatabases.execute(database, "create function full_disk() returns trigger language plpgsql as "
                + "$$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$");
        JournalDatabases.execute(database, "create trigger full_disk before insert on event_journal execute function full_disk()");
        JournalEnded ended = assertThrows(JournalEnded.class, () -> journal.commit(1, model.change(50, 100, 1)));
        assertUnavailable(ended);
        assertTrue(ended.failure().reason().contains("No space left"), ended.toString());
        JournalDatabases.execute(database, "drop trigger full_disk on event_journal");
        assertEquals(2, JournalDriver.of(system, "m").resume().incarnation());
    }

    @Test
    void tablesThatAreGoneAreDamage() throws Exception {
        JournalDriver journal = JournalDriver.of(system, "m");
        journal.resume();
        JournalDatabases.execute(database, "drop table event_tag");
        JournalDatabases.execute(database, "drop table event_journal");
        assertEquals(Kind.DAMAGED, assertThrows(JournalEnded.class, () -> journal.commit(1, model.change(50, 100, 1))).failure().kind());
    }

    @Test
    void ofThoseWhoGoOnAtTheSameTimeNobodyIsRefusedForGood() {
        for (int round = 0; round < 5; round++) {
            List<JournalDriver> all = IntStream.range(0, 4).mapToObj(i -> JournalDriver.of(system, "m")).toList();
            List<CompletableFuture<String>> outcomes = all.stream().map(one -> CompletableFuture.supplyAsync(() -> {
                try {
                    return "incarnation " + one.resume().incarnation();
                } catch (JournalEnded e) {
                    return e.failure().kind() + " " + e.failure().reason();
                }
            })).toList();
            List<String> results = outcomes.stream().map(CompletableFuture::join).toList();
            assertTrue(results.stream().anyMatch(result -> result.startsWith("incarnation")), results::toString);
            assertTrue(results.stream().allMatch(result -> result.startsWith("incarnation") || result.equals("UNAVAILABLE another has written in its place")),
                    results::toString);
            assertEquals(results.stream().filter(result -> result.startsWith("incarnation")).distinct().count(),
                    results.stream().filter(result -> result.startsWith("incarnation")).count(), results::toString);
        }
    }
}
