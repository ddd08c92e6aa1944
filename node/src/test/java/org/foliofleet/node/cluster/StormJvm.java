package org.foliofleet.node.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.foliofleet.node.journal.DatabaseAddress;

/** A {@link StormRun} that is listened to. */
final class StormJvm implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(4);

    private final JavaProcess jvm;
    /** The last words of machines, by seed: {@code finished TICK DIGEST} or {@code failed REASON}. */
    private final Map<Long, String> ends = new TreeMap<>();

    /** @param hosting {@code owner} or {@code machine} */
    StormJvm(Path logs, DatabaseAddress database, int rounds, String hosting, Storm... storms) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(rounds), hosting));
        Arrays.stream(storms).forEach(storm -> arguments.add(storm.seed() + "/" + storm.epochTicks()));
        jvm = JavaProcess.start(JavaProcess.Start.of("storm", StormRun.class, arguments.toArray(String[]::new)).with(database), logs);
    }

    /** They may make so many more commits. */
    void permit(int commits) {
        jvm.say(Integer.toString(commits));
    }

    /** The next that a machine tells: seed, what, and more. */
    String next() {
        String line = jvm.next();
        String[] words = line.split(" ", 2);
        if (words[1].startsWith("finished ") || words[1].startsWith("failed ")) {
            ends.put(Long.parseLong(words[0]), words[1]);
        }
        return line;
    }

    /** Waits for something that a machine tells, past all else. */
    String await(Predicate<String> what) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        String line = next();
        while (!what.test(line)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain; its last words:\n" + lastWords());
            }
            line = next();
        }
        return line;
    }

    /** The last words of a machine, awaited. */
    String end(Storm storm) {
        if (!ends.containsKey(storm.seed())) {
            await(line -> ends.containsKey(storm.seed()));
        }
        return ends.get(storm.seed());
    }

    String lastWords() {
        return jvm.lastWords();
    }

    @Override
    public void close() {
        jvm.close();
    }
}
