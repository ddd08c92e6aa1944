package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.foliofleet.node.conformance.ScenarioResult.Result;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Goal: the machine does what the kernel did, value by value. Method: every recording is replayed on a fresh machine, which
 * must agree with it in everything.
 */
class RecordedScenariosTest {
    @TestFactory
    Stream<DynamicTest> theMachineDoesWhatTheKernelDid() {
        return cases("truth");
    }

    @TestFactory
    Stream<DynamicTest> theMachineDoesWhatTheKernelDidInRandomWalks() {
        return cases("walks");
    }

    @TestFactory
    Stream<DynamicTest> theMachineDoesWhatTheKernelDidOnSeveralNodes() {
        return cases("numa");
    }

    @TestFactory
    Stream<DynamicTest> theMachineDoesWhatAnotherReleaseOfTheKernelDid() {
        return cases("other-kernel");
    }

    @Test
    void allRecordingsAreThere() {
        TreeSet<String> names = new TreeSet<>();
        recordings("numa").forEach(file -> names.add(RecordingReader.read(file).header().name()));
        recordings("truth").forEach(file -> names.add(RecordingReader.read(file).header().name()));
        assertEquals(158, names.size());
    }

    private static List<Path> recordings(String directory) {
        Path root = RecordedFiles.root().resolve(directory);
        return RecordedFiles.recordings().stream().filter(file -> file.startsWith(root)).toList();
    }

    private static Stream<DynamicTest> cases(String directory) {
        return recordings(directory).stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> replay(file)));
    }

    private static void replay(Path file) {
        ScenarioResult result = new ScenarioReplay(RecordingReader.read(file), new MachineModel()).run();
        result.firstDifference().ifPresent(first -> fail(result.name() + ": " + first));
        assertEquals(Result.PASS, result.result(), () -> result.name() + ": " + result.unsupportedStatement().orElse("nothing is lacking"));
    }
}
