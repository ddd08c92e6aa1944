package org.foliofleet.node.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.foliofleet.node.cluster.RunningStorm.Placement;
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

    private final Random random = new Random(SEED);

    @Test
    void machinesOfKilledNodesGoOnElsewhere() {
        killWhileTheyRun(KILLS, Placement.OWNER, Placement.MACHINE);
    }

    @Test
    void spreadMachinesOfKilledNodesGoOn() {
        killWhileTheyRun(2 * KILLS, Placement.SPREAD, Placement.SPREAD);
    }

    private void killWhileTheyRun(int wanted, Placement... placements) {
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
            storms.forEach(storm -> storm.assertEndsUndisturbed(what));
        }
        System.out.println("seed " + SEED + ", " + kills + " nodes killed under " + List.of(placements));
    }
}
