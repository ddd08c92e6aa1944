package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What real programs did to their memory, on the model's machine. Method: the bars that the project sets itself. */
class TracesOnTheMachineTest {
    static List<String> perf() {
        return Traces.PERF;
    }

    static List<String> strace() {
        return Traces.STRACE;
    }

    private static TraceResult replay(String name, long seed) {
        return TraceRun.run(new TraceOptions(Traces.file(name), "auto", seed, null), MachineTraceTarget::new, new Traces.Silent());
    }

    @ParameterizedTest
    @MethodSource("perf")
    void theModelFaultsWhereTheKernelDidAndHoldsTheMemoryItHeld(String name) {
        TraceResult result = replay(name, 1);
        long harmless = result.processes().stream().mapToLong(TraceResult.ProcessResult::harmlessFaults).sum();
        assertTrue(result.agreedFaults() >= 0.99 * result.recordedFaults(),
                () -> result.agreedFaults() + " of " + result.recordedFaults() + " recorded faults agreed");
        assertTrue(harmless <= 0.01 * result.recordedFaults(), () -> harmless + " harmless faults");
        assertEquals(Map.of(), result.notReplayed());
        long near = result.samples().stream().filter(s -> s.rssAgrees() && s.anonHugeAgrees()).count();
        assertTrue(near >= 0.9 * result.samples().size(), () -> near + " of " + result.samples().size() + " samples near");
    }

    @ParameterizedTest
    @MethodSource("strace")
    void logsOfStraceReplayWithoutAnyCallLeftOut(String name) {
        assertEquals(Map.of(), replay(name, 1).notReplayed());
    }

    @Test
    void theSameTraceAndSeedGiveTheSameDigestAndAnotherSeedAnother() {
        String digest = replay("gcc.perf.txt.gz", 1).digest();
        assertEquals(digest, replay("gcc.perf.txt.gz", 1).digest());
        assertNotEquals(digest, replay("gcc.perf.txt.gz", 2).digest());
    }
}
