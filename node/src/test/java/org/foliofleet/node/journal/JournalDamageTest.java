package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.foliofleet.node.journal.JournalDatabases.Kind;
import org.foliofleet.node.journal.JournalDriver.JournalEnded;
import org.foliofleet.node.mm.machine.ImageSlice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: a machine does not go on from rows that are not as they were written; the message names the row, and owners that were
 * in it; others go on. Method: one row is spoilt behind the journal's back, one way at a time.
 */
class JournalDamageTest {
    private static final String OF_MACHINE = " where \"persistence_id\" = 'machine|spoilt|0' and ";
    /** Resumed, two chunks, end and commit of the first epoch; then a chunk, end and commit of the second. */
    private static final int FIRST_CHUNK = 2;
    private static final int SECOND_CHUNK = 3;
    private static final int FIRST_END = 4;
    private static final int SECOND_END = 7;
    private static final int SECOND_COMMIT = 8;
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

    /** A way to spoil rows. */
    private interface Damage {
        void in(JournalDatabase database) throws Exception;
    }

    private static Damage sql(String command) {
        return database -> assertEquals(1, JournalDatabases.execute(database, command));
    }

    private static Damage payload(int row, UnaryOperator<byte[]> change) {
        return database -> {
            try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
                byte[] bytes;
                try (ResultSet found = statement.executeQuery("select \"event_payload\" from \"event_journal\"" + OF_MACHINE
                        + "\"sequence_number\" = " + row)) {
                    assertTrue(found.next());
                    bytes = change.apply(found.getBytes(1));
                }
                try (PreparedStatement update = connection.prepareStatement("update \"event_journal\" set \"event_payload\" = ?" + OF_MACHINE
                        + "\"sequence_number\" = " + row)) {
                    update.setBytes(1, bytes);
                    assertEquals(1, update.executeUpdate());
                }
            }
        };
    }

    private static UnaryOperator<byte[]> flip(double where) {
        return bytes -> {
            bytes[(int) (where * bytes.length)] ^= 4;
            return bytes;
        };
    }

    private static void assertRefused(Kind kind, Damage damage, String... parts) throws Exception {
        JournalDatabase database = JournalDatabases.open(kind, server, directory);
        JournalDatabases.execute(database, "delete from \"event_journal\"");
        ActorSystem<SpawnProtocol.Command> system = JournalDriver.system(database.config());
        try {
            write(system, "spoilt");
            String digest = write(system, "well");
            damage.in(database);
            JournalEnded ended = assertThrows(JournalEnded.class, () -> JournalDriver.of(system, "spoilt").resume());
            assertEquals(JournalFailure.Kind.DAMAGED, ended.failure().kind(), ended.toString());
            for (String part : parts) {
                assertTrue(ended.failure().reason().contains(part), ended.failure().reason());
            }
            assertEquals(digest, ModelLane.digest(JournalDriver.of(system, "well").resume().committed().rows()));
        } finally {
            JournalDriver.end(system);
        }
    }

    private static String write(ActorSystem<SpawnProtocol.Command> system, String machine) {
        ModelLane model = new ModelLane(new Random(5), 20_000);
        JournalDriver journal = JournalDriver.of(system, machine);
        journal.resume();
        journal.commit(1, model.change(20, 40, 1));
        journal.commit(1, model.change(2, 40, 2).with(ImageSlice.NONE, List.of()));
        return model.digest();
    }

    private static String row(int number) {
        return "row " + number + ": ";
    }

    private static Damage delete(int row) {
        return sql("delete from \"event_journal\"" + OF_MACHINE + "\"sequence_number\" = " + row);
    }

    /** The row takes the place of another. */
    private static Damage copy(int row, int over) {
        String columns = "\"persistence_id\", \"writer\", \"write_timestamp\", \"adapter_manifest\", \"event_payload\", \"event_ser_id\","
                + " \"event_ser_manifest\"";
        return database -> {
            delete(over).in(database);
            sql("insert into \"event_journal\" (\"sequence_number\", " + columns + ") select " + over + ", " + columns + " from \"event_journal\""
                    + OF_MACHINE + "\"sequence_number\" = " + row).in(database);
        };
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void damageIsRefusedWithTheRowAndItsOwners(Kind kind) throws Exception {
        assertRefused(kind, payload(FIRST_CHUNK, flip(0.5)), row(FIRST_CHUNK), "is damaged: the check sum of vma ", " differs", "it held vma 1.",
                " of epoch 1");
        assertRefused(kind, payload(FIRST_CHUNK, bytes -> Arrays.copyOf(bytes, bytes.length / 2)), row(FIRST_CHUNK), "is damaged", "it held vma 1.");
        assertRefused(kind, payload(FIRST_END, flip(0.3)), row(FIRST_END), "EpochPrepared/", "check sum differs");
        assertRefused(kind, payload(SECOND_COMMIT, flip(0.9)), row(SECOND_COMMIT), "EpochCommitted/", "check sum differs");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void missingAndDoubledRowsAreRefused(Kind kind) throws Exception {
        assertRefused(kind, delete(SECOND_CHUNK), row(SECOND_CHUNK) + "it is missing; it held vma ", " of epoch 1");
        assertRefused(kind, delete(SECOND_END), row(SECOND_END) + "it is missing, the end of an epoch");
        assertRefused(kind, delete(SECOND_COMMIT), row(SECOND_COMMIT) + "rows are missing or doubled: the commit of epoch 2 is missing");
        assertRefused(kind, copy(FIRST_CHUNK, SECOND_CHUNK), row(SECOND_CHUNK) + "rows are missing or doubled: chunk 0 of epoch 1");
        assertRefused(kind, copy(FIRST_END + 1, SECOND_COMMIT), row(SECOND_COMMIT) + "rows are missing or doubled: a commit of epoch 1");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRowOfANewerVersionIsRefused(Kind kind) throws Exception {
        assertRefused(kind, sql("update \"event_journal\" set \"event_ser_manifest\" = 'OwnersChanged/99'" + OF_MACHINE + "\"sequence_number\" = "
                + SECOND_CHUNK), row(SECOND_CHUNK) + "OwnersChanged/99, written by another version", "go on with the version that wrote it");
    }
}
