package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: what a replay says is what happened. Method: models that fail in one way each. */
class ScenarioReplayTest {
    private static final Path TRUTH = RecordedFiles.root().resolve("truth");
    private static final Recording SMALL = RecordingReader.read(TRUTH.resolve("anon-order0.json"));
    private static final Recording RECLAIM = RecordingReader.read(TRUTH.resolve("reclaim-memcg.json"));

    /** Answers ok to everything and shows nothing. */
    private static class EmptyModel implements ModelUnderTest {
        @Override
        public void start(RecordingHeader header) {
            // nothing to prepare
        }

        @Override
        public CallResult execute(String process, MemoryCall call) {
            return CallResult.OK;
        }

        @Override
        public CallResult execute(MachineCall call) {
            return CallResult.OK;
        }

        @Override
        public ModelView view() {
            return new ModelView() {
                @Override
                public List<Process> processes() {
                    return List.of(new Process("p0", List.of()));
                }

                @Override
                public Optional<Folio> folio(long key) {
                    return Optional.empty();
                }

                @Override
                public List<Memfd> memfds() {
                    return List.of();
                }

                @Override
                public Map<String, Long> ksm() {
                    return Map.of();
                }
            };
        }

        @Override
        public Map<String, Long> counters() {
            return Map.of();
        }
    }

    @Test
    void aReplayGoesOnAfterADifferenceAndKeepsTheFirst() {
        ScenarioResult result = new ScenarioReplay(SMALL, new EmptyModel()).run();
        assertEquals(ScenarioResult.Result.FAIL, result.result());
        assertTrue(result.stepsPassed() > 0 && result.stepsPassed() < result.steps());
        assertTrue(result.differences().size() > 3);
        Difference first = result.firstDifference().orElseThrow();
        assertEquals(Difference.Category.VMA, first.category());
        assertTrue(first.toString().matches("step \\d+, 'observe \\w+' after 'p0 .*': p0 pages 0-\\d+: start: kernel says"
                + " VMA .*, model says no VMA"), first.toString());
        assertFalse(result.onlyCounters());
    }

    @Test
    void theStatementThatTheModelLacksIsNamed() {
        ScenarioResult result = new ScenarioReplay(SMALL, new EmptyModel() {
            @Override
            public CallResult execute(String process, MemoryCall call) {
                return call instanceof MemoryCall.Write ? new CallResult.Unsupported("stores") : CallResult.OK;
            }
        }).run();
        assertEquals(ScenarioResult.Result.UNSUPPORTED, result.result());
        assertTrue(result.unsupportedStatement().orElseThrow().matches("'p0 write .*': stores"),
                result.unsupportedStatement().toString());
    }

    @Test
    void theStatementThatTheModelRefusesInAdvanceIsNamed() {
        ScenarioResult result = new ScenarioReplay(RECLAIM, new EmptyModel() {
            @Override
            public Optional<String> unsupported(Statement statement) {
                return statement.text().equals("reclaim") ? Optional.of("memory cgroups") : Optional.empty();
            }
        }).run();
        assertEquals(Optional.of("'reclaim': memory cgroups"), result.unsupportedStatement());
    }

    @Test
    void theRequirementThatTheModelLacksIsNamedAndNothingIsRun() {
        ScenarioResult result = new ScenarioReplay(RECLAIM, new EmptyModel() {
            @Override
            public Optional<String> unsupported(RecordingHeader header) {
                return header.requires("memcg") ? Optional.of("require memcg") : Optional.empty();
            }

            @Override
            public void start(RecordingHeader header) {
                throw new AssertionError("started");
            }
        }).run();
        assertEquals(ScenarioResult.Result.UNSUPPORTED, result.result());
        assertEquals(Optional.of("require memcg"), result.unsupportedStatement());
        assertEquals(0, result.stepsPassed());
        assertEquals(List.of(), result.differences());
    }

    @Test
    void aModelThatStopsFailsWithItsMessage() {
        ScenarioResult result = new ScenarioReplay(SMALL, new EmptyModel() {
            @Override
            public CallResult execute(String process, MemoryCall call) {
                throw new IllegalStateException("folio 3 is free but mapped");
            }
        }).run();
        assertEquals(ScenarioResult.Result.FAIL, result.result());
        Difference only = result.differences().get(0);
        assertEquals(Difference.Category.MODEL, only.category());
        assertTrue(only.toString().contains("IllegalStateException: folio 3 is free but mapped"), only.toString());
        assertEquals(0, result.stepsPassed());
    }

    @Test
    void differencesInCountersOnlyAreSaidToBeThat() throws IOException {
        String text = Files.readString(TRUTH.resolve("thp-always.json"));
        String changed = text.replaceFirst("\"thp_fault_alloc\": \\d+", "\"thp_fault_alloc\": -1");
        assertFalse(changed.equals(text));
        ScenarioResult result = RecordedModel.replay(
                RecordingReader.parse("r.json", changed.getBytes(StandardCharsets.UTF_8),
                        Set.of()), RecordingReader.read(TRUTH.resolve("thp-always.json")));
        assertTrue(result.onlyCounters());
        assertTrue(result.firstDifference().orElseThrow().toString().contains("thp_fault_alloc: kernel says -1, model"));
    }

    @ParameterizedTest
    @CsvSource({"madv-free-fork,madv-free", "scale-thp-8,scale-thp", "walk-numa-split,walk-numa", "walk-fork,walk",
        "collapse-node,collapse-node", "collapse-small,collapse", "thp-always,thp", "numa-hint,numa-hint",
        "deferred-split-nodes,deferred-split", "file-private,file", "split-thp,split"})
    void theFamilyIsTheLongestThatFits(String name, String family) {
        assertEquals(family, Families.of(name));
    }

    @Test
    void theReportHasARowPerFamilyAndTheFirstDifferenceOfEachFailure(@TempDir Path directory) throws IOException {
        Files.copy(TRUTH.resolve("anon-order0.json"), directory.resolve("a.json"));
        Files.createDirectory(directory.resolve("sub"));
        Files.copy(TRUTH.resolve("thp-always.json"), directory.resolve("sub").resolve("b.json"));
        Files.writeString(directory.resolve("notes.txt"), "not a recording");
        Conformance conformance = new Conformance(EmptyModel::new);
        List<ScenarioResult> results = conformance.replay(List.of(directory), Optional.empty(), result -> { });
        ConformanceReport report = new ConformanceReport(results);
        assertFalse(report.conforms());
        String text = report.text(false);
        assertTrue(text.contains("\nanon ") && text.contains("\nthp ") && text.contains("\nall "), text);
        assertTrue(text.contains("anon-order0: fail\n  step ") && text.contains("more; --all-differences"), text);
        assertTrue(report.text(true).lines().count() > text.lines().count());
        JsonNode json = new ObjectMapper().readTree(report.json());
        assertEquals(2, json.size());
        assertEquals("anon-order0", json.get(0).get("name").asText());
        assertEquals("anon", json.get(0).get("family").asText());
        assertEquals("fail", json.get(0).get("result").asText());
        assertEquals(results.get(0).steps(), json.get(0).get("steps").asInt());
        assertEquals(results.get(0).stepsPassed(), json.get(0).get("stepsPassed").asInt());
        assertTrue(json.get(0).get("firstDifference").asText().startsWith("step "));
    }

    @Test
    void onlyTheFamilyAskedForIsReplayedAndAnUnknownOneIsBadInput() {
        Conformance conformance = new Conformance(EmptyModel::new);
        assertTrue(conformance.replay(List.of(TRUTH), Optional.of("mremap"), result -> { }).stream()
                .allMatch(result -> result.name().startsWith("mremap-")));
        BadInput bad = assertThrows(BadInput.class,
                () -> conformance.replay(List.of(TRUTH), Optional.of("mrenap"), result -> { }));
        assertTrue(bad.getMessage().contains("did you mean 'mremap'?"), bad.getMessage());
    }

    @Test
    void aPathWithoutRecordingsIsBadInput(@TempDir Path directory) {
        Conformance conformance = new Conformance(EmptyModel::new);
        assertThrows(BadInput.class, () -> conformance.replay(List.of(directory), Optional.empty(), result -> { }));
        assertThrows(BadInput.class,
                () -> conformance.replay(List.of(directory.resolve("none")), Optional.empty(), result -> { }));
    }

    @Test
    void theCountersOfAReclaimScenarioThatCountTheRecorderAreNotCompared() {
        assertTrue(RECLAIM.header().noisy().containsAll(List.of("pswpin", "pswpout")));
    }
}
