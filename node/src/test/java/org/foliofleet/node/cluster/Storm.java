package org.foliofleet.node.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;

/** The experiment {@code chaos/storm.yaml} at some length. */
final class Storm {
    private static final String WRITTEN = "times: 50";

    private Storm() {}

    /** @param rounds of each process; 50 take about a second on one thread */
    static String text(int rounds) {
        try (InputStream in = Storm.class.getResourceAsStream("/chaos/storm.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace(WRITTEN, "times: " + rounds);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ExperimentSpec spec(long seed, int rounds) {
        return SpecLoader.read(text(rounds).getBytes(StandardCharsets.UTF_8), "storm").withSeed(seed);
    }

    /** How it ends when nothing disturbs it: on one thread, without a journal. */
    static Machine undisturbed(long seed, int rounds) {
        ExperimentSpec spec = spec(seed, rounds);
        Machine machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
        machine.runUntilQuiet();
        return machine;
    }
}
