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

/** Goal: one command says what a switch changes. Method: small experiments, and what is written about them. */
class CompareCommandTest {
    private static final String SMALL = """
        version: 1
        name: small
        about: processes of any size touch memory and give up a page of it
        seed: 1
        machines:
          - name: host
            nodes: [{memory: 64MiB}]
            processes: [{name: p, count: 2, program: touch}]
          - name: idle
            nodes: [{memory: 64MiB}]
            processes: [{name: p, program: rest}]
        programs:
          touch:
            - mmap: {name: buf, size: uniform(3MiB..8MiB), prot: rw}
            - write: buf
            - mark: touched
            - munmap: {in: buf, at: 4KiB, size: 4KiB}
            - wait: 100us
          rest: [{wait: 1us}]
        assert: [{that: pmd_splits == 0, machines: host}]
        summary: [resident, vmas]
        """;

    @TempDir
    private Path directory;

    private Outcome compare(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("compare", Files.writeString(directory.resolve("small.yaml"), SMALL).toString()));
        all.addAll(List.of(arguments));
        return Outcome.of(all.toArray(String[]::new));
    }

    @Test
    void aTableSaysWhatDiffersAndHowSureThatIs() throws IOException {
        Outcome outcome = compare("--kernel", "thp=always,never", "--seeds", "4");
        assertEquals(ExitStatus.OK, outcome.status(), outcome.err());
        String out = outcome.out();
        assertTrue(out.contains("\n2 variants, 4 seeds (1 to 4), 2 machines each\n  A  thp=always\n  B  thp=never\n"), out);
        assertTrue(out.matches("(?s).*\n  +always +never +difference +% +least +greatest +deviation\n  resident +0 KiB +0 KiB +=\n.*"), out);
        assertTrue(out.matches("(?s).*\n  pmd_splits +2 +0 +-2 +-100\\.0  \\* +-2 +-2 +0\n.*"), out);
        assertTrue(out.contains("\nidle: no metric differs\n"), out);
        assertTrue(out.matches("(?s).*\nAssertions that hold, in how many seeds\n +A +B\n  pmd_splits == 0 in host +0/4 +4/4\n.*"), out);
        assertTrue(out.matches("(?s).*\nWhere runs part\n  A and B, host 0, seed 1: tick \\d+ \\(.*\\), process 1\n    A  .*\n    B  .*\n.*"), out);
        assertTrue(out.contains("a paired t-test over the 4 seeds"), out);
        assertEquals("", outcome.err());
        assertEquals(out, compare("--kernel", "thp=always,never", "--seeds", "4", "--threads", "1").out(), "it does not depend on threads");
    }

    @Test
    void withOneSeedEveryDifferenceIsDueToWhatWasVaried() throws IOException {
        Outcome outcome = compare("--kernel", "thp=always,never", "--marks", "--metrics", "huge_coverage,folios_live{9}", "--seed", "7");
        assertTrue(outcome.out().contains("One seed: runs are deterministic"), outcome.out());
        assertTrue(outcome.out().contains("\nhost at 'touched'\n"), outcome.out());
        assertTrue(outcome.out().matches("(?s).*\n  folios_live\\{9\\} +\\d+ +0 +-\\d+ +-100\\.0\n.*"), outcome.out());
        assertFalse(outcome.out().contains("messages"), outcome.out());
    }

    @Test
    void severalVariantsStandSideBySideAndNoLineIsWiderThanTheTerminal() throws IOException {
        for (int width : new int[] {72, 80, 100}) {
            Outcome outcome = compare("--kernel", "thp=always,never,madvise", "--switch", "refcount_bits=16,64", "--seeds", "2", "--width", "" + width);
            assertTrue(outcome.out().contains("\nhost: F against A\n"), outcome.out());
            assertTrue(outcome.out().contains("\n  F  refcount_bits=64 thp=madvise\n"), outcome.out());
            outcome.out().lines().forEach(line -> assertTrue(line.length() <= width, line));
        }
    }

    @Test
    void programsReadEveryValueOfEverySeed() throws IOException {
        Path csv = directory.resolve("out.csv");
        Path json = directory.resolve("out.json");
        compare("--kernel", "thp=always,never", "--seeds", "3", "--csv", csv.toString(), "--json", json.toString(),
            "--report", directory.resolve("out.html").toString());
        String page = Files.readString(directory.resolve("out.html"));
        assertTrue(page.contains("foliofleet compare small.yaml --kernel thp=always,never --seed 1 --seeds 3"), "how to reproduce it");
        assertTrue(page.contains("data-machines=\"host/A\" data-metric=\"pmd_splits\" data-value=\"[2, 2, 2]\""), "values of every seed");
        List<String> lines = Files.readAllLines(csv);
        assertEquals("variant,thp,seed,machines,mark,metric,unit,value", lines.get(0));
        assertTrue(lines.contains("A,always,2,host,,pmd_splits,count,2"), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("B,never,3,host,touched,resident,pages,")), lines::toString);
        JsonNode root = new ObjectMapper().readTree(json.toFile());
        assertEquals("never", root.at("/variants/1/values/thp").textValue());
        assertEquals("pmd_splits == 0", root.at("/variants/0/runs/2/broken/0").textValue());
        assertEquals("host", root.at("/partings/0/machines").textValue());
        boolean found = false;
        for (JsonNode metric : root.at("/tables/1/metrics")) {
            if (metric.get("metric").textValue().equals("pmd_splits")) {
                found = true;
                assertEquals("[[2,2,2],[0,0,0]]", metric.get("values").toString());
                assertTrue(metric.at("/differences/0/beyondNoise").booleanValue());
            }
        }
        assertTrue(found, root::toString);
    }

    @Test
    void everythingWrongIsToldAtOnceAndNothingIsRun() throws IOException {
        Outcome outcome = compare("--switch", "refcount_bts=16,32", "--kernel", "thp=x", "--metrics", "resdent", "--seeds", "0", "--width", "3");
        assertEquals(ExitStatus.BAD_INPUT, outcome.status());
        assertEquals("", outcome.out());
        assertEquals(5, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().contains("--metrics: unknown metric 'resdent'; did you mean 'resident'?\n"), outcome.err());
    }
}
