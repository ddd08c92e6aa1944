package org.foliofleet.node.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeMap;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;

/** The experiment {@code chaos/storm.yaml} of some length, as it goes when nothing disturbs it: on one thread, without a journal. */
final class Storm {
    private static final String WRITTEN = "times: 50";

    private final long seed;
    private final int rounds;
    private final long epochTicks;
    private final TreeMap<Long, Set<UnderWay>> underWay = new TreeMap<>();
    private final String end;

    /**
     * @param rounds of each process; 50 take about a second
     * @param epochs how many there are to be
     */
    Storm(long seed, int rounds, int epochs) {
        this.seed = seed;
        this.rounds = rounds;
        Machine whole = boot(seed, rounds);
        whole.runUntilQuiet();
        end = whole.tick() + " " + whole.digest();
        epochTicks = Math.max(1, whole.tick() / epochs);
    }

    /** @param seed of all its draws */
    static String text(long seed, int rounds) {
        try (InputStream in = Storm.class.getResourceAsStream("/chaos/storm.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace(WRITTEN, "times: " + rounds)
                    .replace("seed: 1\n", "seed: " + seed + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ExperimentSpec spec(long seed, int rounds) {
        return SpecLoader.read(text(seed, rounds).getBytes(StandardCharsets.UTF_8), "storm");
    }

    private static Machine boot(long seed, int rounds) {
        ExperimentSpec spec = spec(seed, rounds);
        return new LocalHost().boot(spec, spec.machines().get(0), 0);
    }

    long seed() {
        return seed;
    }

    long epochTicks() {
        return epochTicks;
    }

    /** Its last tick and its digest. */
    String end() {
        return end;
    }

    /** What is under way after that tick, the last of an epoch. */
    Set<UnderWay> underWayAfter(long tick) {
        if (underWay.isEmpty()) {
            Machine machine = boot(seed, rounds);
            while (!machine.isQuiet()) {
                machine.step();
                if (machine.isQuiet() || machine.nextTick() / epochTicks > machine.tick() / epochTicks) {
                    underWay.put(machine.tick(), UnderWay.of(machine.parts()));
                }
            }
        }
        return underWay.get(tick);
    }
}
