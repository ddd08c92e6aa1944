package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.foliofleet.node.mm.machine.Machine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a machine whose JVM is killed at any moment goes on from its last commit and ends as if nothing had happened. Method: storms
 * on an H2 file in a JVM that is killed, again and again, when it has told of a few more epochs; hosting changes each time.
 * {@code -Dkills=N} for more, {@code -Dseed=N} for other moments.
 */
class KilledJvmTest {
    private static final int KILLS = Integer.getInteger("kills", 6);
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = 50;
    private static final int EPOCHS_BETWEEN_KILLS = 4;
    private static final int MACHINES = 2;

    @TempDir
    Path directory;

    private final UnderWay.Counts crashedOn = new UnderWay.Counts();
    private final Map<String, String> ends = new TreeMap<>();

    @Test
    void machinesWhoseJvmIsKilledEndAsIfNothingHadHappened() {
        Map<String, String> expected = new TreeMap<>();
        long ticks = Long.MAX_VALUE;
        List<String> arguments = new ArrayList<>(List.of(directory.resolve("journal").toString(), Integer.toString(ROUNDS), "", ""));
        for (long seed = SEED; seed < SEED + MACHINES; seed++) {
            Machine machine = Storm.undisturbed(seed, ROUNDS);
            expected.put(Long.toString(seed), machine.tick() + " " + machine.digest());
            ticks = Math.min(ticks, machine.tick());
            arguments.add(Long.toString(seed));
        }
        arguments.set(2, Long.toString(ticks / (KILLS * EPOCHS_BETWEEN_KILLS)));
        Random moments = new Random(SEED);
        int kills = 0;
        for (int life = 0; ends.size() < MACHINES; life++) {
            arguments.set(3, life % 2 == 0 ? "owner" : "machine");
            try (JavaProcess jvm = JavaProcess.start(JavaProcess.Start.of("storm", StormRun.class, arguments.toArray(String[]::new)), directory)) {
                kills += live(jvm, life < KILLS ? 1 + moments.nextInt(EPOCHS_BETWEEN_KILLS) : Integer.MAX_VALUE) ? 1 : 0;
            }
        }
        String what = "seed " + SEED + ", " + kills + " kills, commits crashed on with " + crashedOn;
        assertEquals(expected, ends, what);
        assertTrue(kills >= KILLS - 1, what);
        System.out.println(what);
    }

    /** @return whether machines were still running when so many epochs were told */
    private boolean live(JavaProcess jvm, int epochs) {
        int told = 0;
        while (told < epochs) {
            String[] words = jvm.next().split(" ", 3);
            switch (words[1]) {
                case "epoch" -> told++;
                case "underway" -> crashedOn.add(UnderWay.parse(words[2]));
                case "finished" -> ends.put(words[0], words[2]);
                case "failed" -> throw new AssertionError("seed " + SEED + ": " + words[2] + "\n" + jvm.lastWords());
                default -> { }
            }
            if (ends.size() == MACHINES) {
                return false;
            }
        }
        return true;
    }
}
