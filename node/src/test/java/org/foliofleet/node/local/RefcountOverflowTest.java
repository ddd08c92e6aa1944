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

/** Goal: the bundled refcount-overflow keeps what it promises. Method: at 1/256 of its size; whole with {@code -Dfull=true}. */
class RefcountOverflowTest {
    /** All machines have a count of 24 bits, and the kernel's as many processes as in the original. */
    static ExperimentSpec scaled() throws IOException {
        try (InputStream in = SpecLoader.class.getResourceAsStream("/experiments/refcount-overflow.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (List<String> change : List.of(List.of("    kernel: {shmem: always}", "    kernel: {shmem: always}\n    policies: {refcount_bits: 24}"),
                    List.of("times: 65000", "times: 250"), List.of("times: 34000", "times: 80"), List.of("4194000", "16080"),
                    List.of("4194303", "16383"), List.of("4194304", "16384"), List.of("2147483647", "8388607"))) {
                assertTrue(text.contains(change.get(0)), () -> "the experiment does not say " + change.get(0) + " any more");
                text = text.replace(change.get(0), change.get(1));
            }
            return SpecLoader.read(text.getBytes(StandardCharsets.UTF_8), "refcount-overflow at 1/256");
        }
    }

    @Test
    void atSmallSizeThePinIsTheFirstToFailAtTheVmaThatFillsTheCount() throws IOException {
        ExperimentResult result = ExperimentRunner.run(scaled(), new LocalHost(), 2, ExperimentRunner.Progress.NONE);
        assertHolds(result);
        ExperimentResult.FailureGroup first = result.classes().get(0).failures().get(0);
        assertEquals("pin", first.call());
        assertEquals(16_383, first.vmas());
    }

    @Test
    @EnabledIfSystemProperty(named = "full", matches = "true")
    void atFullSizeItHoldsToo() {
        assertHolds(ExperimentRunner.run(SpecLoader.bundled("refcount-overflow"), new LocalHost(), 2, ExperimentRunner.Progress.NONE));
    }

    private static void assertHolds(ExperimentResult result) {
        assertTrue(result.passed(), () -> result.assertions().stream().filter(a -> !a.holds()).toList() + " " + result.unmet());
    }
}
