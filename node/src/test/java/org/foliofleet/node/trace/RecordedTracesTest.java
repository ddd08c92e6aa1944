package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: the recordings are understood whole. Method: counts are compared with the text of the files, and the replay on
 * a page-level target, which shares no code with the model, meets the bars that the model is measured by.
 */
class RecordedTracesTest {
    static Stream<String> perf() {
        return Traces.PERF.stream();
    }

    static Stream<String> strace() {
        return Traces.STRACE.stream();
    }

    private static long count(List<String> lines, String word) {
        return lines.stream().filter(line -> line.contains(word)).count();
    }

    @ParameterizedTest
    @MethodSource("perf")
    void everyFaultLineIsAFaultAndEveryCallIsAnswered(String name) {
        List<String> lines = Traces.lines(name);
        List<TraceEvent> events = Traces.events(Traces.file(name));
        assertEquals(count(lines, "exceptions:page_fault_"),
                events.stream().filter(TraceEvent.Fault.class::isInstance).count());
        assertEquals(count(lines, "raw_syscalls:sys_enter"),
                events.stream().filter(TraceEvent.Call.class::isInstance).count());
        assertEquals(count(lines, "PERF_RECORD_COMM exec"),
                events.stream().filter(TraceEvent.Exec.class::isInstance).count());
        assertEquals(count(lines, "sched:sched_process_fork"), events.stream()
                .filter(e -> e instanceof TraceEvent.Fork || e instanceof TraceEvent.ThreadStart).count());
        assertEquals(count(lines, "group_dead=true"),
                events.stream().filter(TraceEvent.Exit.class::isInstance).count());
    }

    @ParameterizedTest
    @MethodSource("perf")
    void aPageLevelTargetAgreesWithTheKernel(String name) {
        TraceResult result = Traces.run(Traces.file(name));
        assertEquals(count(Traces.lines(name), "exceptions:page_fault_"), result.recordedFaults());
        assertTrue(result.agreedFaults() >= 0.99 * result.recordedFaults(), () -> "agreed: " + result.agreedFaults());
        assertEquals(0, result.harmlessFaults());
        assertEquals(Map.of(), result.notReplayed());
        assertEquals(0, result.assumedAreas());
        assertFalse(result.samples().isEmpty());
        for (TraceResult.SampleResult sample : result.samples()) {
            assertTrue(sample.rssAgrees() && sample.anonHugeAgrees(), sample::toString);
        }
    }

    @Test
    void theModeOfHugePagesIsFoundOut() {
        assertEquals("always", Traces.run(Traces.file("redis-bgsave-thp-always.perf.txt.gz")).thp());
        assertEquals("madvise", Traces.run(Traces.file("redis-bgsave.perf.txt.gz")).thp());
    }

    @ParameterizedTest
    @MethodSource("perf")
    void theModeOfHugePagesIsFoundOutFromFaultsAlone(String name) {
        assertEquals(name.contains("always") ? "always" : "madvise", ThpGuess.of(Traces.file(name), List.of()).mode());
    }

    @ParameterizedTest
    @MethodSource("strace")
    void everyCallOfAnStraceLogIsReplayedOrNamed(String name) {
        List<String> lines = Traces.lines(name);
        long calls = lines.stream().filter(line -> !line.contains("+++ ") && !line.contains("--- ")
                && !line.contains("<unfinished ...>")).count();
        TraceResult result = Traces.run(Traces.file(name));
        long other = result.otherCalls().values().stream().mapToLong(Long::longValue).sum();
        assertEquals(calls, result.syscallsReplayed() + other);
        assertEquals(Map.of(), result.notReplayed());
        assertEquals(List.of("wait4"), List.copyOf(result.otherCalls().keySet()));
    }

    @Test
    void anStraceLogHasTheProcessesOfTheProgram() {
        assertEquals(List.of("gcc", "cc1", "as", "collect2", "ld"), Traces.run(Traces.file("gcc.strace")).processes()
                .stream().map(TraceResult.ProcessResult::comm).toList());
        assertEquals(2, Traces.run(Traces.file("redis-attach.strace")).processes().size());
    }

    @Test
    void theSameTraceGivesTheSameDigest() {
        Path gcc = Traces.file("gcc.perf.txt.gz");
        assertEquals(Traces.run(gcc), Traces.run(gcc));
    }

    @Test
    void theJsonFileHoldsWhatIsPromised(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("result.json");
        TraceResult result = Traces.run(Traces.file("gcc.perf.txt.gz"), "madvise", file);
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertEquals(result.digest(), json.get("digest").asText());
        long faults = 0;
        for (JsonNode process : json.get("processes")) {
            faults += process.get("recordedFaults").asLong();
            for (String field : List.of("pid", "comm", "agreedFaults", "harmlessFaults", "syscallsReplayed", "vmas",
                    "rssKb", "peakRssKb", "anonHugeKb")) {
                assertTrue(process.has(field), field);
            }
        }
        assertEquals(result.recordedFaults(), faults);
        JsonNode sample = json.get("samples").get(0);
        for (String field : List.of("time", "pid", "comm", "rssKb", "modelRssKb", "anonHugeKb", "modelAnonHugeKb",
                "anonKb", "modelAnonKb")) {
            assertTrue(sample.has(field), field);
        }
        assertTrue(json.get("notReplayed").isObject());
    }
}
