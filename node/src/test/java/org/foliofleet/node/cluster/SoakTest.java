package org.foliofleet.node.cluster;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.foliofleet.node.cluster.RunningStorm.Placement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: nothing that happens to a cluster, in whatever order, leaves a trace in what its machines do. Method: storms on three nodes and a
 * PostgreSQL server while one fault after the other happens, drawn from a seed. In profile {@code soak}; {@code -Dfaults=N} for
 * more, {@code -Dseed=N} for others.
 */
@Tag("soak")
@ExtendWith(SharedCluster.class)
class SoakTest {
    private static final int FAULTS = Integer.getInteger("faults", 100);
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = 60;
    private static final int EPOCHS = 80;
    private static final int EPOCHS_BETWEEN_FAULTS = 20;

    private final Random random = new Random(SEED);
    private final Map<Fault, Integer> survived = new EnumMap<>(Fault.class);

    @Test
    void machinesSurviveOneFaultAfterTheOther() {
        int faults = 0;
        for (long seed = SEED; faults < FAULTS; seed += 2) {
            List<Fault> happened = storms(seed);
            happened.forEach(fault -> survived.merge(fault, 1, Integer::sum));
            faults += happened.size();
            System.out.println("storms " + seed + " and " + (seed + 1) + " survived " + happened);
        }
        System.out.println("seed " + SEED + ": " + faults + " faults survived");
        survived.forEach((fault, times) -> System.out.printf(Locale.ROOT, "%6d  %s%n", times, fault));
    }

    private List<Fault> storms(long seed) {
        TestCluster cluster = SharedCluster.cluster();
        List<RunningStorm> storms = List.of(new RunningStorm(seed, ROUNDS, EPOCHS, Placement.of(random.nextInt(2))),
                new RunningStorm(seed + 1, ROUNDS, EPOCHS, Placement.SPREAD));
        List<Fault> happened = new ArrayList<>();
        while (storms.stream().anyMatch(storm -> !cluster.hasEnded(storm.machine()))) {
            RunningStorm victim = storms.stream().filter(storm -> !cluster.hasEnded(storm.machine())).findFirst().orElseThrow();
            victim.awaitEpochs(1 + random.nextInt(EPOCHS_BETWEEN_FAULTS));
            if (!cluster.hasEnded(victim.machine())) {
                Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
                happened.add(fault);
                fault.strike(cluster, victim, random);
                cluster.mend();
            }
        }
        String what = "seed " + SEED + ", storms " + seed + ", " + happened;
        storms.forEach(storm -> storm.assertEndsUndisturbed(what));
        return happened;
    }
}
