package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.foliofleet.node.cluster.RunningStorm.Placement;
import org.foliofleet.node.cluster.TestCluster.Member;
import org.foliofleet.node.journal.JournalDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: whatever is lost, machines go on by themselves and end as if nothing had happened. Method: on three nodes and a PostgreSQL
 * server, a storm in one place and one that is spread over all; each fault happens in their middle.
 * Half of the faults, those that others resemble, happen in profile {@code soak} only.
 */
@ExtendWith(SharedCluster.class)
class DisturbedClusterTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = 30;
    private static final int EPOCHS = 40;
    private static final int SOME = 5;

    private final TestCluster cluster = SharedCluster.cluster();

    private static RunningStorm storm(long seed, Placement placement) {
        return new RunningStorm(seed, ROUNDS, EPOCHS, placement);
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"NODE_LEFT", "COORDINATOR_KILLED", "DATABASE_KILLED", "PACKET_LOST"})
    void machinesEndAsIfNothingHadHappenedAfter(Fault fault) {
        disturb(fault);
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"NODE_KILLED", "NODE_CUT_OFF", "NODE_FROZEN_PAST_ITS_DOWNING", "DATABASE_STOPPED"})
    void machinesEndAsIfNothingHadHappenedAfterTheLikeOfIt(Fault fault) {
        disturb(fault);
    }

    private void disturb(Fault fault) {
        long seed = SEED + 10 * fault.ordinal();
        List<RunningStorm> storms = List.of(storm(seed, Placement.OWNER), storm(seed + 1, Placement.SPREAD));
        storms.forEach(storm -> storm.awaitEpochs(SOME));
        fault.strike(cluster, storms.get(1), new Random(seed));
        cluster.mend();
        storms.forEach(storm -> storm.assertEndsUndisturbed(fault + ", seed " + SEED));
    }

    @Test
    void aNodeThatIsCutOffEndsItself() {
        RunningStorm storm = storm(SEED + 101, Placement.OWNER);
        storm.awaitEpochs(SOME);
        Member node = cluster.where(storm.machine());
        cluster.cutOff(List.of(node));
        storm.assertEndsUndisturbed("cut off");
        assertEndedItself(node);
    }

    private static void assertEndedItself(Member node) {
        node.jvm().awaitEnd();
        assertTrue(node.jvm().takeAll().toString().contains("go on without it"), () -> node.jvm().lastWords());
    }

    @Test
    void aNodeThatSleepsPastItsDowningWritesNothing() throws SQLException {
        freeze(Placement.OWNER);
    }

    @Tag("soak")
    @Test
    void aNodeWithALaneThatSleepsPastItsDowningWritesNothing() throws SQLException {
        freeze(Placement.SPREAD);
    }

    private void freeze(Placement placement) throws SQLException {
        RunningStorm storm = storm(SEED + 102, placement);
        storm.awaitEpochs(SOME);
        Member node = cluster.where(storm.machine());
        node.jvm().freeze();
        storm.assertEndsUndisturbed("frozen");
        List<String> rows = rows();
        node.jvm().thaw();
        assertEndedItself(node);
        assertEquals(rows, rows());
    }

    /** All rows of journals and snapshots, with check sums. */
    private static List<String> rows() throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = JournalDatabase.open(SharedCluster.server().address()).connect(); Statement statement = connection.createStatement()) {
            for (String table : List.of("event_journal", "snapshot")) {
                try (ResultSet found = statement.executeQuery("select * from " + table + " order by persistence_id, sequence_number")) {
                    while (found.next()) {
                        CRC32C sum = new CRC32C();
                        for (int column = 1; column <= found.getMetaData().getColumnCount(); column++) {
                            byte[] value = found.getBytes(column);
                            sum.update(value == null ? new byte[0] : value);
                        }
                        rows.add(table + " " + found.getString("persistence_id") + " " + found.getLong("sequence_number") + " " + sum.getValue());
                    }
                }
            }
        }
        return rows;
    }

    @Test
    void aMachineGoesOnUnderAnotherHostingAndPlacement() {
        RunningStorm storm = storm(SEED + 103, Placement.OWNER);
        for (Placement placement : List.of(Placement.SPREAD, Placement.MACHINE, Placement.SPREAD, Placement.OWNER)) {
            storm.awaitEpochs(3);
            if (!cluster.hasEnded(storm.machine())) {
                cluster.pause(storm.machine());
            }
            if (!cluster.hasEnded(storm.machine())) {
                storm.run(placement);
            }
        }
        storm.assertEndsUndisturbed("hosting and placement changed");
    }
}
