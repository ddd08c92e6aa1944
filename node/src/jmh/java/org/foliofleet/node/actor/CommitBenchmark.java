package org.foliofleet.node.actor;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.PostgresServer;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;

/**
 * What commits cost: the first machine of an experiment with an actor for every owner, without a journal, and with one on an
 * H2 file and on PostgreSQL (fsync on), in turns in one run. {@code java -cp node/target/benchmarks.jar
 * org.foliofleet.node.actor.CommitBenchmark [NAME|FILE.yaml [MILLIS [h2|postgresql]]]}; {@code MILLIS} of wall time between
 * two commits, 5000 by default. Without a name it is {@code fork-cow-storm}, with 20 times as many rounds.
 */
public final class CommitBenchmark {
    private static final int ROUNDS = Integer.getInteger("rounds", 2);

    private CommitBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        ExperimentSpec spec = arguments.length > 0 ? SpecLoader.load(arguments[0]) : longStorm();
        long millis = arguments.length > 1 ? Long.parseLong(arguments[1]) : 5_000;
        String only = arguments.length > 2 ? arguments[2] : "";
        run(new JournaledRun(spec), millis, only);
    }

    private static ExperimentSpec longStorm() throws IOException {
        try (InputStream in = SpecLoader.class.getResourceAsStream("/experiments/fork-cow-storm.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return SpecLoader.read(text.replace("times: 20", "times: 400").getBytes(StandardCharsets.UTF_8), "a long fork-cow-storm");
        }
    }

    private static void run(JournaledRun machine, long millis, String only) throws Exception {
        Path directory = Files.createTempDirectory("foliofleet-commits");
        System.out.println(machine + ", a commit every " + millis + " ms");
        System.out.println(String.format(Locale.ROOT, "  to warm up, without a journal: %.1f s", machine.unjournaled()));
        for (int round = 1; round <= ROUNDS; round++) {
            double without = machine.unjournaled();
            System.out.println(String.format(Locale.ROOT, "  without a journal %6.1f s", without));
            if (!only.equals("postgresql")) {
                Path file = directory.resolve("round" + round);
                journaled(machine, "H2", JournalDatabase.h2(file), millis, without);
                Files.deleteIfExists(Path.of(file + ".mv.db"));
                Files.deleteIfExists(Path.of(file + ".mv.db.user"));
            }
            if (!only.equals("h2")) {
                try (PostgresServer server = PostgresServer.temporary()) {
                    journaled(machine, "PostgreSQL", JournalDatabase.open(server.address()).config(), millis, without);
                }
            }
        }
        Files.deleteIfExists(directory);
    }

    private static void journaled(JournaledRun machine, String what, Config config, long millis, double without) throws Exception {
        JournaledRun.Life life = machine.live(config, millis, Long.MAX_VALUE);
        System.out.println(String.format(Locale.ROOT, "  %-17s %6.1f s, %3d commits, %6.1f MB of rows in the end: %3.0f %% of the speed without",
                what, life.seconds(), life.commits(), JournaledRun.bytes(config) / 1e6, 100 * without / life.seconds()));
    }
}
