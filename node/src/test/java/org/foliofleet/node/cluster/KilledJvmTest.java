package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.PostgresServer;
import org.foliofleet.node.journal.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: machines whose JVM is killed at any moment go on from their last commits and end as if nothing had happened. Method: storms
 * in a JVM that is killed, again and again, when it has told of a few more epochs; hosting changes each time, and the database
 * is killed with every other. {@code -Dkills=N} for more, {@code -Dseed=N} for other moments.
 */
class KilledJvmTest {
    private static final int KILLS = Integer.getInteger("kills", 5);
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = 20;
    private static final int EPOCHS_BETWEEN_KILLS = 6;
    private static final int MACHINES = 3;
    private static final UnderWay.Counts CRASHED_ON = new UnderWay.Counts();

    @TempDir
    Path directory;

    private final Random moments = new Random(SEED);
    private final Map<String, String> ends = new TreeMap<>();

    @Test
    void onAFile() {
        runAndKill(DatabaseAddress.ofFile(directory.resolve("journal")), () -> { });
    }

    @Test
    void onAServerThatIsKilledToo() {
        try (PostgresServer server = TestPostgres.start()) {
            runAndKill(server.address(), () -> {
                server.kill();
                server.start();
            });
        }
    }

    private void runAndKill(DatabaseAddress database, Runnable crashOfDatabase) {
        List<Storm> storms = new ArrayList<>();
        for (long seed = SEED; seed < SEED + MACHINES; seed++) {
            storms.add(new Storm(seed, ROUNDS, KILLS * EPOCHS_BETWEEN_KILLS));
        }
        int kills = 0;
        for (int life = 0; ends.size() < MACHINES; life++) {
            List<String> arguments = new ArrayList<>(List.of(Integer.toString(ROUNDS), life % 2 == 0 ? "owner" : "machine"));
            storms.forEach(storm -> arguments.add(storm.seed() + "/" + storm.epochTicks()));
            JavaProcess.Start start = JavaProcess.Start.of("storm", StormRun.class, arguments.toArray(String[]::new)).with(database);
            try (JavaProcess jvm = JavaProcess.start(start, directory)) {
                if (live(jvm, storms, life < KILLS ? 1 + moments.nextInt(EPOCHS_BETWEEN_KILLS * MACHINES) : Integer.MAX_VALUE)) {
                    kills++;
                }
            }
            if (life % 2 == 1) {
                crashOfDatabase.run();
            }
        }
        String what = "seed " + SEED + ", " + kills + " kills, commits crashed on with " + CRASHED_ON;
        for (Storm storm : storms) {
            assertEquals(storm.end(), ends.get(Long.toString(storm.seed())), what);
        }
        assertTrue(kills >= KILLS - 1, what);
        System.out.println(what);
    }

    /** @return whether machines were still running when so many epochs were told, if possible one in the midst of what was crashed on least */
    private boolean live(JavaProcess jvm, List<Storm> storms, int epochs) {
        jvm.say(Integer.toString(MACHINES + 1));
        for (int told = 0; ends.size() < MACHINES;) {
            String[] words = jvm.next().split(" ", 3);
            Storm storm = storms.get((int) (Long.parseLong(words[0]) - SEED));
            switch (words[1]) {
                case "epoch" -> {
                    told++;
                    long tick = Long.parseLong(words[2].split(" ")[1]);
                    if (told >= epochs && (told > epochs + EPOCHS_BETWEEN_KILLS || storm.underWayAfter(tick).contains(CRASHED_ON.rarest()))) {
                        return true;
                    }
                    jvm.say("1");
                }
                case "underway" -> CRASHED_ON.add(UnderWay.parse(words[2]));
                case "finished" -> ends.put(words[0], words[2]);
                case "failed" -> throw new AssertionError("seed " + SEED + ": " + words[2] + "\n" + jvm.lastWords());
                default -> { }
            }
        }
        return false;
    }

    @AfterAll
    static void everythingWasCrashedOn() {
        for (UnderWay each : UnderWay.values()) {
            assertTrue(CRASHED_ON.of(each) > 0, "seed " + SEED + ": " + CRASHED_ON);
        }
    }
}
