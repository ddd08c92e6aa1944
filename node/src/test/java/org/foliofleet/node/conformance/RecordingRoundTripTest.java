package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: the comparison finds nothing where nothing differs. Method: every recording is replayed on a model that repeats
 * it, so that runs, folios, smaps and counters are worked out from a model's view and must come out as recorded.
 */
class RecordingRoundTripTest {
    static List<Path> recordings() {
        return RecordedFiles.recordings();
    }

    @Test
    void allRecordingsAreThere() {
        assertEquals(274, recordings().size());
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void aModelThatRepeatsTheRecordingPasses(Path file) {
        Recording recording = RecordingReader.read(file);
        ScenarioResult result = RecordedModel.replay(recording, recording);
        assertEquals(List.of(), result.differences().stream().map(Difference::toString).limit(5).toList());
        assertEquals(ScenarioResult.Result.PASS, result.result());
        assertEquals(result.steps(), result.stepsPassed());
        assertTrue(result.firstDifference().isEmpty());
    }
}
