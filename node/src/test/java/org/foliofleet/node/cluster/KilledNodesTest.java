package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.foliofleet.node.cluster.RunningStorm.Placement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: machines in a cluster end as if nothing had happened, whichever of its JVMs are killed. Method: storms on three nodes
 * and a PostgreSQL server; one node after the other is killed and started again when machines have got further.
 */
@ExtendWith(SharedCluster.class)
class KilledNodesTest {
    private static final int KILLS = Integer.getInteger("kills", 5);
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = 40;
    private static final int EPOCHS = 50;
    private static final int MACHINES = 2;
    private static final int EPOCHS_BETWEEN_KILLS = 20;
    private static final UnderWay.Counts CRASHED_ON = new UnderWay.Counts();
    private static final UnderWay.Counts CRASHED_ON_SPREAD = new UnderWay.Counts();

    private final Random random = new Random(SEED);

    @Test
    void machinesOfKilledNodesGoOnElsewhere() {
        killWhileTheyRun(KILLS, CRASHED_ON, Placement.OWNER, Placement.MACHINE);
    }

    @Test
    void spreadMachinesOfKilledNodesGoOn() {
        killWhileTheyRun(2 * KILLS, CRASHED_ON_SPREAD, Placement.SPREAD, Placement.SPREAD);
    }

    private void killWhileTheyRun(int wanted, UnderWay.Counts crashedOn, Placement... placements) {
        TestCluster cluster = SharedCluster.cluster();
        int kills = 0;
        for (long seed = SEED; kills < wanted; seed += MACHINES) {
            List<RunningStorm> storms = new ArrayList<>();
            for (int i = 0; i < MACHINES; i++) {
                storms.add(new RunningStorm(seed + i, ROUNDS, EPOCHS, placements[i]));
            }
            String what = "seed " + SEED + ", storm " + seed + ", kill " + kills;
            while (kills < wanted && storms.stream().anyMatch(storm -> !cluster.hasEnded(storm.machine()))) {
                RunningStorm one = storms.stream().filter(storm -> !cluster.hasEnded(storm.machine())).findFirst().orElseThrow();
                one.awaitEpochs(1 + random.nextInt(EPOCHS_BETWEEN_KILLS));
                if (!cluster.hasEnded(one.machine())) {
                    Fault.NODE_KILLED.strike(cluster, one, random);
                    kills++;
                    cluster.mend();
                }
            }
            for (RunningStorm storm : storms) {
                storm.assertEndsUndisturbed(what);
                storm.crashedOn().forEach(crashedOn::add);
            }
        }
        System.out.println("seed " + SEED + ", " + kills + " nodes killed under " + List.of(placements) + ", commits crashed on with " + crashedOn);
    }

    @AfterAll
    static void everythingWasCrashedOnWhileSpread() {
        for (UnderWay each : UnderWay.values()) {
            assertTrue(CRASHED_ON_SPREAD.of(each) > 0, "seed " + SEED + ": " + CRASHED_ON_SPREAD);
        }
    }
}
