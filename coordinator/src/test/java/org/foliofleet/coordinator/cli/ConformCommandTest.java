package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.foliofleet.node.conformance.ModelUnderTest;
import org.foliofleet.node.conformance.ModelView;
import org.foliofleet.node.conformance.RecordingHeader;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Goal: {@code conform} answers by table, JSON and exit status. Method: a model without memory, and small recordings. */
class ConformCommandTest {
    private record Outcome(int status, String out, String err) {}

    @TempDir
    private Path directory;

    /** Answers ok to everything but {@code reclaim}, and never maps anything. */
    private static final class Idle implements ModelUnderTest, ModelView {
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
            return call instanceof MachineCall.Reclaim ? new CallResult.Unsupported("reclaim") : CallResult.OK;
        }

        @Override
        public ModelView view() {
            return this;
        }

        @Override
        public Map<String, Long> counters() {
            return Map.of();
        }

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
    }

    private Path recording(String name, String statement, String result) throws IOException {
        return Files.writeString(directory.resolve(name + ".json"), """
                {"format": 1, "name": "%s", "about": "One step.", "kernel": "6.18.44", "runs": 5, "agreed": 5,
                 "require": [], "set": {}, "memfd": {}, "unstable": [], "steps": [
                  {"op": "%s", "res": "%s"},
                  {"observe": "end", "procs": {"p0": []}, "folios": [], "counters": {}}
                ]}
                """.replaceFirst("%s", name).replaceFirst("%s", statement).replaceFirst("%s", result));
    }

    private static Outcome conform(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Cli.commandLine(new ConformCommand(Idle::new))
                .setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] words = new String[arguments.length + 1];
        words[0] = "conform";
        for (int i = 0; i < arguments.length; i++) {
            words[i + 1] = arguments[i].toString();
        }
        int status = Cli.run(commandLine, words);
        return new Outcome(status, out.toString(), err.toString());
    }

    @BeforeEach
    void twoThatPass() throws IOException {
        recording("vma-one", "p0 munmap 0 4", "ok");
        recording("reclaim-one", "reclaim", "ok");
    }

    @Test
    void withoutDifferencesTheStatusIsZeroAndWhatIsUnsupportedIsNamed() {
        Outcome outcome = conform(directory);
        assertEquals(0, outcome.status, outcome.err);
        assertTrue(outcome.out.matches("(?s)family +scenarios +steps .*\\nvma +1 +2 +2 +1 +0 +0\\n.*"), outcome.out);
        assertTrue(outcome.out.contains("\nreclaim-one: unsupported: 'reclaim': reclaim\n"), outcome.out);
    }

    @Test
    void aDifferenceGivesStatusOneAndIsToldAsTextAndJson() throws IOException {
        recording("vma-two", "p0 mprotect 0 4 r", "ENOMEM");
        Path json = directory.resolve("results");
        Outcome outcome = conform(directory, "--family", "vma", "--json", json);
        assertEquals(1, outcome.status, outcome.err);
        String first = "step 1, 'p0 mprotect 0 4 r': p0: res: kernel says ENOMEM, model says ok";
        assertTrue(outcome.out.contains("\nvma-two: fail\n  " + first + "\n"), outcome.out);
        assertFalse(outcome.out.contains("reclaim"), outcome.out);
        String written = Files.readString(json);
        assertTrue(written.contains("\"firstDifference\" : \"" + first + "\""), written);
        assertTrue(written.contains("\"result\" : \"pass\"") && written.contains("\"firstDifference\" : null"), written);
    }

    @Test
    void badInputIsOneMessageAndStatusTwo() throws IOException {
        Files.writeString(directory.resolve("broken.json"), "{\n \"format\": 1,\n");
        Outcome outcome = conform(directory);
        assertEquals(2, outcome.status);
        assertEquals("", outcome.out);
        assertEquals(1, outcome.err.lines().count(), outcome.err);
        assertTrue(outcome.err.contains("broken.json:"), outcome.err);
        assertEquals(2, conform(directory.resolve("none")).status);
        assertEquals(2, conform().status);
        assertEquals(2, conform(directory, "--family", "nothing-like-it").status);
        assertEquals(2, conform(directory.resolve("vma-one.json"), "--json", directory.resolve("no").resolve("j")).status);
    }
}
