package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.mechanism.Everything;
import org.foliofleet.node.mechanism.Mechanism;
import org.foliofleet.node.mechanism.MechanismTable;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: machines whose JVM is killed in the middle of any mechanism go on from their last commits and end as if nothing had happened.
 * Method: the machines of {@link Everything}, with other draws each time, in a JVM that is killed again and again when each has
 * committed in the middle of something and runs on; hosting changes each time. In profile {@code soak}; {@code -Dkills=N} for more, {@code -Dseed=N} for others.
 */
@Tag("soak")
class KilledMechanismsTest {
    private static final int KILLS = Integer.getInteger("kills", 40);
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = 3;

    @TempDir
    Path directory;

    private final Random moments = new Random(SEED);
    private final Map<Mechanism, Integer> crashedOn = new EnumMap<>(Mechanism.class);
    private int kills;

    @Test
    void machinesGoOnFromTheMiddleOfEveryMechanism() {
        for (long seed = SEED; kills < KILLS; seed++) {
            runAndKill(seed);
        }
        System.out.println("seed " + SEED + ", " + kills + " kills, commits crashed on with " + crashedOn);
        if (Boolean.getBoolean("mechanisms.write")) {
            MechanismTable.writeSoak(crashedOn);
        }
        assertEquals(List.of(Mechanism.values()), List.copyOf(crashedOn.keySet()), "mechanisms that were crashed on; seed " + SEED);
    }

    private void runAndKill(long seed) {
        DatabaseAddress database = DatabaseAddress.ofFile(directory.resolve("journal" + seed));
        ExperimentSpec spec = Everything.spec(seed, ROUNDS);
        List<Everything> machines = spec.machines().stream().map(each -> new Everything(spec, each)).toList();
        List<Iterator<Long>> cuts = machines.stream().map(each -> each.cuts(moments).keySet().iterator()).toList();
        Map<String, String> ends = new TreeMap<>();
        for (int life = 0; ends.size() < machines.size(); life++) {
            boolean last = cuts.stream().noneMatch(Iterator::hasNext);
            List<String> arguments = new ArrayList<>(List.of(Long.toString(seed), Integer.toString(ROUNDS), life % 2 == 0 ? "owner" : "machine"));
            cuts.forEach(each -> arguments.add(each.hasNext() ? each.next().toString() : "-1"));
            JavaProcess.Start start = JavaProcess.Start.of("mechanisms", MechanismsRun.class, arguments.toArray(String[]::new)).with(database);
            try (JavaProcess jvm = JavaProcess.start(start, directory)) {
                Set<String> running = new TreeSet<>();
                machines.forEach(each -> running.add(each.name()));
                while (!running.isEmpty()) {
                    hear(jvm, seed, running, ends, last);
                }
            }
            kills += last ? 0 : 1;
        }
        for (Everything each : machines) {
            assertEquals(each.undisturbed().tick() + " " + each.undisturbed().digest(), ends.get(each.name()),
                    each.name() + " of seed " + seed + ", kill " + kills);
        }
    }

    /** @param running machines that have not committed in this life, or in the last one not ended */
    private void hear(JavaProcess jvm, long seed, Set<String> running, Map<String, String> ends, boolean last) {
        String[] words = jvm.next().split(" ", 3);
        switch (words[1]) {
            case "epoch" -> {
                if (!last) {
                    running.remove(words[0]);
                }
            }
            case "underway" -> Mechanism.parse(words[2]).forEach(each -> crashedOn.merge(each, 1, Integer::sum));
            case "finished" -> {
                ends.put(words[0], words[2]);
                running.remove(words[0]);
            }
            default -> throw new AssertionError("seed " + seed + ": " + String.join(" ", words) + "\n" + jvm.lastWords());
        }
    }
}
