package org.foliofleet.node.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: the large bundled experiments keep what they promise. Method: at a small size; whole with {@code -Dfull=true}. */
class LargeExperimentsTest {
    /** A part of an experiment's text and what stands there instead. */
    private record Change(String from, String to) {}

    private static ExperimentSpec changed(String name, List<Change> changes) throws IOException {
        try (InputStream in = SpecLoader.class.getResourceAsStream("/experiments/" + name + ".yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Change change : changes) {
                assertTrue(text.contains(change.from()), () -> name + " does not say '" + change.from() + "' any more");
                text = text.replace(change.from(), change.to());
            }
            return SpecLoader.read(text.getBytes(StandardCharsets.UTF_8), name + ", smaller");
        }
    }

    /** All machines have a count of 24 bits, and the kernel's as many processes as in the original. */
    private static ExperimentSpec smallOverflow() throws IOException {
        return changed("refcount-overflow", List.of(
                new Change("    kernel: {shmem: always}", "    kernel: {shmem: always}\n    policies: {refcount_bits: 24}"),
                new Change("times: 65000", "times: 250"), new Change("times: 34000", "times: 80"), new Change("4194000", "16080"),
                new Change("4194303", "16383"), new Change("4194304", "16384"), new Change("2147483647", "8388607")));
    }

    private static ExperimentSpec smallSoak() throws IOException {
        return changed("fleet-soak", List.of(new Change("count: 600", "count: 40"), new Change("count: 48", "count: 2")));
    }

    @Test
    void thePinIsTheFirstToFailAtTheVmaThatFillsTheCount() throws IOException {
        ExperimentResult result = run(smallOverflow());
        assertHolds(result);
        ExperimentResult.FailureGroup first = result.classes().get(0).failures().get(0);
        assertEquals("pin", first.call());
        assertEquals(16_383, first.vmas());
    }

    @Test
    void aSmallFleetSoaks() throws IOException {
        assertHolds(run(smallSoak()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"refcount-overflow", "fleet-soak"})
    @EnabledIfSystemProperty(named = "full", matches = "true")
    void atFullSizeToo(String name) {
        assertHolds(run(SpecLoader.bundled(name)));
    }

    private static ExperimentResult run(ExperimentSpec spec) {
        return ExperimentRunner.run(spec, new LocalHost(), 2, ExperimentRunner.Progress.NONE);
    }

    private static void assertHolds(ExperimentResult result) {
        assertTrue(result.passed(), () -> result.assertions().stream().filter(a -> !a.holds()).toList() + " " + result.unmet());
    }
}
