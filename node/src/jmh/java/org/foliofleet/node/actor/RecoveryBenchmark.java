package org.foliofleet.node.actor;

import com.typesafe.config.Config;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Locale;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.PostgresServer;
import org.foliofleet.protocol.experiment.SpecLoader;

/**
 * The first machine of an experiment is cut off after some commits, and goes on to its end: how long that takes in all, and
 * how fast its journal is read. {@code java -cp node/target/benchmarks.jar org.foliofleet.node.actor.RecoveryBenchmark
 * NAME|FILE.yaml MILLIS COMMITS [h2|postgresql]}; {@code MILLIS} of wall time between two commits, {@code COMMITS} before
 * the cut.
 */
public final class RecoveryBenchmark {
    private RecoveryBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        JournaledRun machine = new JournaledRun(SpecLoader.load(arguments[0]));
        long millis = Long.parseLong(arguments[1]);
        long commits = Long.parseLong(arguments[2]);
        if (arguments.length > 3 && arguments[3].equals("postgresql")) {
            try (PostgresServer server = PostgresServer.temporary()) {
                run(machine, JournalDatabase.open(server.address()).config(), millis, commits);
            }
        } else {
            Path file = Files.createTempDirectory("foliofleet-recovery").resolve("journal");
            run(machine, JournalDatabase.h2(file), millis, commits);
            Files.deleteIfExists(Path.of(file + ".mv.db"));
        }
    }

    private static void run(JournaledRun machine, Config config, long millis, long commits) throws Exception {
        System.out.println(machine + ", a commit every " + millis + " ms");
        long start = System.nanoTime();
        JournaledRun.Life first = machine.live(config, millis, commits);
        long bytes = JournaledRun.bytes(config);
        System.out.println(String.format(Locale.ROOT, "  cut off after %.1f s at epoch %d, %.1f MB of rows", first.seconds(), first.epoch(),
                bytes / 1e6));
        // As long as somebody is connected, the file stays open between the two lives.
        Connection held = JournalDatabase.of(config).connect();
        try {
            JournaledRun.Life second = machine.live(config, millis, Long.MAX_VALUE);
            System.out.println(String.format(Locale.ROOT, "  went on after %.1f s: %.0f MB/s, the start of actors and the digest included",
                    second.wentOn(), bytes / 1e6 / second.wentOn()));
            System.out.println(String.format(Locale.ROOT, "  ended after %.1f s and %d more commits; %.1f s in all, %.2f GiB of heap at most",
                    second.seconds(), second.commits(), (System.nanoTime() - start) / 1e9, peak() / 0x1p30));
        } finally {
            held.close();
        }
    }

    private static long peak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    }
}
