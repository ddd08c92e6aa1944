package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: {@code run} answers by summary, JSON and exit status. Method: small experiments on the model. */
class RunCommandTest {
    private static final String SMALL = """
        version: 1
        name: small
        about: two processes touch memory
        seed: 1
        machines:
          - name: host
            nodes: [{memory: 64MiB}]
            processes: [{name: p, count: 2, program: touch}]
        programs:
          touch:
            - mmap: {name: buf, size: 1MiB, prot: rw}
            - write: buf
            - mark: touched
            - munmap: buf
            - read: {in: buf, at: 4KiB, size: 4KiB}
        assert:
          - {that: resident >= 1MiB, at: touched}
          - resident == 0
        summary: [resident, vmas]
        """;

    @TempDir
    private Path directory;

    /** Without a journal, which has its own test. */
    private static Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!all.contains("--check-determinism")) {
            all.add("--no-journal");
        }
        return Outcome.of(all.toArray(String[]::new));
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(directory.resolve("experiment.yaml"), yaml).toString();
    }

    @Test
    void aRunEndsWithASummaryForAPerson() throws IOException {
        Outcome outcome = run("run", file(SMALL));
        assertEquals(ExitStatus.OK, outcome.status(), outcome.out() + outcome.err());
        assertTrue(outcome.out().startsWith("small: two processes touch memory\nseed 1, tick 1 us\n"), outcome.out());
        assertTrue(outcome.out().contains("\nMarks of host\n  mark     "), outcome.out());
        assertTrue(outcome.out().contains("\nCalls that failed\n"), outcome.out());
        assertTrue(outcome.out().matches("(?s).*\n  host +read +SIGSEGV +p-0 .*"), outcome.out());
        assertTrue(outcome.out().matches("(?s).*\n  ok  resident == 0 +it is 0 KiB\n.*"), outcome.out());
        assertTrue(outcome.out().matches("(?s).*\ndigest [0-9a-f]{64}\n"), outcome.out());
        assertEquals("", outcome.err());
    }

    @Test
    void theSameIsWrittenForPrograms() throws IOException {
        Path json = directory.resolve("out.json");
        Outcome outcome = run("run", file(SMALL), "--json", json.toString());
        JsonNode root = new ObjectMapper().readTree(json.toFile());
        assertTrue(outcome.out().endsWith("digest " + root.get("digest").textValue() + "\n"));
        assertTrue(root.get("passed").booleanValue());
        assertEquals(2, root.at("/machines/0/metrics/processes").longValue());
        assertEquals("SIGSEGV", root.at("/machines/0/failures/0/error").textValue());
        assertEquals("touched", root.at("/machines/0/marks/0/label").textValue());
        assertEquals("resident == 0", root.at("/assertions/1/that").textValue());
    }

    @Test
    void theSeedOfTheCommandLineReplacesThatOfTheFile() throws IOException {
        String file = file(SMALL);
        Outcome seven = run("run", file, "--seed", "7");
        assertTrue(seven.out().contains("\nseed 7, "), seven.out());
        assertEquals(seven.out(), run("run", file(SMALL.replace("seed: 1", "seed: 7"))).out());
        assertFalse(run("run", file(SMALL)).out().equals(seven.out()));
    }

    @Test
    void aFailedAssertionIsExitStatusOne() throws IOException {
        Outcome outcome = run("run", file(SMALL.replace("resident == 0", "resident == 4KiB")));
        assertEquals(ExitStatus.DIFFERENT, outcome.status());
        assertTrue(outcome.out().contains("FAILED  resident == 4KiB"), outcome.out());
    }

    @Test
    void badInputIsExitStatusTwoAndNamesEachPlace() throws IOException {
        Outcome outcome = run("run", file(SMALL.replace("write: buf", "wriet: buf").replace("64MiB", "64MB")));
        assertEquals(ExitStatus.BAD_INPUT, outcome.status());
        assertTrue(outcome.err().contains("experiment.yaml:7:22: 'memory': 'MB' is no unit here; did you mean 64MiB?\n"),
            outcome.err());
        assertTrue(outcome.err().contains("experiment.yaml:12:7: unknown step 'wriet'; did you mean 'write'?\n"), outcome.err());
        assertEquals("", outcome.out());
        assertEquals(ExitStatus.BAD_INPUT, run("run", "no-such-experiment").status());
        assertEquals(ExitStatus.BAD_INPUT, run("run", file(SMALL), "--seed", "many").status());
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamedBeforeTheRun() throws IOException {
        Outcome outcome = run("run", file(SMALL), "--json", directory.resolve("none/out.json").toString());
        assertEquals(ExitStatus.BAD_INPUT, outcome.status());
        assertTrue(outcome.err().contains("out.json: there is no directory "), outcome.err());
        assertEquals("", outcome.out());
    }

    @Test
    void withoutArgumentsItExplainsItselfAndRunsTheFirstExperiment() {
        String out = run("run").out();
        assertTrue(out.startsWith("foliofleet run NAME "), out);
        assertTrue(out.contains("  refcount-limit-small: which operation fails first"), out);
        assertTrue(out.contains("\nThis is pin-half-unmap.\n\npin-half-unmap: half of a THP"), out);
        assertTrue(out.matches("(?s).*\ndigest [0-9a-f]{64}\n"), out);
    }

    @Test
    void twoRunsThatAreHostedDifferentlyAreCompared() throws IOException {
        Outcome outcome = run("run", file(SMALL), "--check-determinism");
        assertEquals(ExitStatus.OK, outcome.status(), outcome.out() + outcome.err());
        assertTrue(outcome.out().matches("deterministic: 1 machine, digest [0-9a-f]{64}\\R"), outcome.out());
        Outcome refused = run("run", file(SMALL), "--check-determinism", "--json", directory.resolve("out.json").toString());
        assertEquals(ExitStatus.BAD_INPUT, refused.status());
        assertTrue(refused.err().contains("leave out --json"), refused.err());
    }

    @Test
    void aReportIsOnePageAboutTheRun() throws IOException {
        Path page = directory.resolve("report.html");
        Outcome outcome = run("run", file(SMALL), "--seed", "9", "--report", page.toString());
        assertEquals(ExitStatus.OK, outcome.status(), outcome.out() + outcome.err());
        String html = Files.readString(page);
        assertTrue(html.contains("foliofleet run experiment.yaml --seed 9 --no-journal"), "how to reproduce it");
        assertTrue(html.contains(outcome.out().strip().replaceAll("(?s).*digest ", "")), "its digest");
        Outcome refused = Outcome.of("run", file(SMALL), "--check-determinism", "--report", page.toString());
        assertEquals(ExitStatus.BAD_INPUT, refused.status());
        assertTrue(refused.err().contains("--report is about the result of an experiment"), refused.err());
    }
}
