package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.Test;

/**
 * Goal: the comparison compares everything. Method: recordings in which one value was changed are replayed on a model
 * that repeats the unchanged recording; each must fail and name the field. Where the change makes the recording
 * impossible (overlapping runs, say), the reader must refuse it.
 */
class MutatedRecordingTest {
    private static final long SEED = 20260117;
    private static final int MUTATIONS_EACH = 8;

    @Test
    void everyChangedValueIsFoundAndNamed() throws JsonProcessingException {
        Map<String, Integer> found = new TreeMap<>();
        List<String> missed = new ArrayList<>();
        int refused = 0;
        for (Path file : RecordedFiles.recordings()) {
            String text = RecordedFiles.text(file);
            Set<String> noisy = NoisyCounters.beside(file);
            Recording original = RecordingReader.parse(file.toString(), text.getBytes(StandardCharsets.UTF_8), noisy);
            for (int i = 0; i < MUTATIONS_EACH; i++) {
                long seed = SEED * 31 + file.toString().hashCode() * 1000L + i;
                RecordingMutation mutation = new RecordingMutation(text, seed);
                byte[] mutated = mutation.mutate();
                Recording changed;
                try {
                    changed = RecordingReader.parse(file.toString(), mutated, noisy);
                } catch (BadInput e) {
                    refused++;
                    continue;
                }
                ScenarioResult result = RecordedModel.replay(changed, original);
                if (result.result() == ScenarioResult.Result.FAIL
                        && result.differences().stream().anyMatch(d -> mutation.fields().contains(d.field()))) {
                    found.merge(mutation.kind(), 1, Integer::sum);
                } else {
                    missed.add(file + ", seed " + seed + ": " + mutation.describe() + ": " + result.firstDifference());
                }
            }
        }
        assertEquals(List.of(), missed);
        int all = found.values().stream().mapToInt(Integer::intValue).sum();
        assertTrue(all >= 1000, "only " + all + " changes were tried; refused were " + refused);
        assertEquals(Set.of("counters", "folios", "ksm", "memfds", "pages", "result", "smaps", "vma"), found.keySet());
        found.forEach((kind, count) -> assertTrue(count >= 10, kind + ": " + count));
    }
}
