package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.cluster.RunningStorm.Placement;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: a machine does the same whoever hosts it, wherever its owners are, and whenever it commits. Method: random experiments on one
 * thread and on three JVMs, in one actor, with an actor for every owner, and spread over all of them, at three cadences of commits; the
 * digests at the end are compared. Each experiment meets each placement at one cadence, a different one for each placement and seed;
 * {@code -Dfull=true}: at all three, in profile {@code soak}. {@code -Dexperiments=N} for more, {@code -Dseed=N} for the first.
 */
@ExtendWith(SharedCluster.class)
class ClusterMatchesMachineTest {
    private static final int EXPERIMENTS = Integer.getInteger("experiments", 50);
    private static final long SEED = Long.getLong("seed", 1);
    private static final boolean FULL = Boolean.getBoolean("full");
    private static final int AT_ONCE = FULL ? 4 : 10;
    /** Ticks of an epoch, wall milliseconds between commits. */
    private static final String[] CADENCES = {"50 0", "1000 0", "20 100"};

    @Test
    void randomExperimentsEndTheSameOnOneThreadAndOnThreeJvms() {
        TestCluster cluster = SharedCluster.cluster();
        for (long first = SEED; first < SEED + EXPERIMENTS; first += AT_ONCE) {
            Map<String, String> expected = new TreeMap<>();
            Map<String, String> names = new TreeMap<>();
            for (long seed = first; seed < Math.min(first + AT_ONCE, SEED + EXPERIMENTS); seed++) {
                String text = RandomExperiment.of(seed);
                ExperimentSpec spec = SpecLoader.read(text.getBytes(StandardCharsets.UTF_8), "random");
                Machine machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
                machine.runUntilQuiet();
                for (Placement placement : Placement.values()) {
                    for (int i = 0; i < (FULL ? CADENCES.length : 1); i++) {
                        String name = SharedCluster.newMachine();
                        String cadence = CADENCES[(int) ((seed + placement.ordinal() + i) % CADENCES.length)];
                        expected.put(name, "ended " + machine.tick() + " " + machine.digest());
                        names.put(name, "replay with -Dtest=ClusterMatchesMachineTest -Dexperiments=1 -Dfull=true -Dseed=" + seed + ": " + placement
                                + ", " + cadence);
                        cluster.run(name, text, placement.words() + " " + cadence);
                    }
                }
            }
            expected.forEach((name, end) -> assertEquals(end, cluster.end(name), names.get(name)));
        }
    }
}
