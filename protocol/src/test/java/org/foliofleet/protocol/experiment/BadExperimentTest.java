package org.foliofleet.protocol.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.program.RandomStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: every mistake is named with its line and a remedy. Method: one good experiment; each case replaces one piece of
 * it and expects exactly one message, whole.
 */
class BadExperimentTest {
    private static final String GOOD = """
        version: 1
        name: good
        seed: 5
        tick: 1us
        machines:
          - name: host
            count: 2
            nodes: [{memory: 1GiB, cpus: 2}, {memory: 1GiB, cpus: 2}]
            distances: [[10, 20], [20, 10]]
            kernel: {thp: always}
            policies: {refcount_bits: 16}
            files: [{name: shm, size: 2MiB, shmem: true}]
            processes:
              - {name: p, count: 3, arrival: at once, node: 1, program: main}
        programs:
          main:
            - mmap: {name: buf, at: 0, size: 2MiB, prot: rw}
            - write: buf
            - pin: {handle: whole, in: buf, size: 1MiB}
            - unpin: whole
            - repeat:
                times: 3
                index: i
                steps:
                  - mmap: {at: 1GiB + i * 4MiB, size: 2MiB, prot: r, shared: true, file: shm}
            - choose:
                - {weight: 1, steps: [mark: half]}
                - {weight: 2, steps: []}
            - munmap: {in: buf, at: 1MiB}
        stop: {when: idle}
        assert: [split_ok >= 0]
        summary: [split_fail]
        """;

    private static BadInput refused(String yaml) {
        return assertThrows(BadInput.class, () -> SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "bad.yaml"));
    }

    @Test
    void theExperimentWithoutMistakesIsRead() {
        assertEquals("good", SpecLoader.read(GOOD.getBytes(StandardCharsets.UTF_8), "good.yaml").name());
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
            mistake("version: 1\n", "", "1:1: the experiment has no 'version'; begin the file with version: 1"),
            mistake("version: 1", "version: 2",
                "1:10: this is version '2' of the grammar; this program reads version 1"),
            mistake("seed: 5", "seeed: 5", "3:1: unknown key in the experiment 'seeed'; did you mean 'seed'?"),
            mistake("seed: 5", "seed: five",
                "3:7: 'seed' is 'five'; write a whole number from -9223372036854775808 to 9223372036854775807"),
            mistake("tick: 1us", "tick: 5",
                "4:7: 'tick': '5' has no unit; write a time such as 500us, 10ms or 2s"),
            mistake("tick: 1us", "tick: 0ns", "4:7: 'tick' is too small: '0ns'; write a greater one"),
            mistake("tick: 1us", "tick: 1sec", "4:7: 'tick': 'sec' is no unit here; did you mean 1s?"),
            mistake("tick: 1us", "tick: 0.0001us",
                "4:7: 'tick': '0.0001us' is not a whole number of nanoseconds; write a time such as 500us, 10ms or 2s"),
            mistake("count: 2", "count: -2", "7:12: 'count' is -2; write a whole number from 1 to 1000000"),
            mistake("count: 2", "count: [2]", "7:12: 'count' is a list; write a whole number from 1 to 1000000"),
            mistake("count: 2", "count: 99999999999999999999",
                "7:12: 'count' is '99999999999999999999'; write a whole number from 1 to 1000000"),
            mistake("{memory: 1GiB, cpus: 2}, ", "{memry: 1GiB, memory: 1GiB, cpus: 2}, ",
                "8:14: unknown key in a node 'memry'; did you mean 'memory'?"),
            mistake("[{memory: 1GiB, cpus: 2},", "[{memory: 1000, cpus: 2},",
                "8:22: 'memory': '1000' has no unit; write a size such as 64KiB, 2MiB or 1GiB"),
            mistake("[{memory: 1GiB, cpus: 2},", "[{memory: 999TiB, cpus: 2},",
                "8:22: 'memory': '999TiB' is too large; write at most 128TiB"),
            mistake("[{memory: 1GiB, cpus: 2},", "[{memory: 5000KB, cpus: 2},",
                "8:22: 'memory': 'KB' is no unit here; did you mean 5000KiB?"),
            mistake("[[10, 20], [20, 10]]", "[[10, 20]]",
                "9:16: 'distances' has 1 rows for 2 nodes; write 2 lists of 2 numbers, as 'numactl -H' does"),
            mistake("[[10, 20], [20, 10]]", "[[10, 20], [20, 20]]",
                "9:32: distance 20 from node 1 to node 1; 10 is the distance to itself, all others are greater"),
            mistake("thp: always", "thp: sometimes", "10:19: 'thp' is 'sometimes'; write one of always, madvise, never"),
            mistake("thp: always", "tph: always", "10:14: unknown kernel setting 'tph'; did you mean 'thp'?"),
            mistake("thp: always", "khugepaged.max_ptes_none: 512",
                "10:40: 'khugepaged.max_ptes_none' is '512'; write a number from 0 to 511"),
            mistake("thp: always", "demotion: perhaps", "10:24: 'demotion' is 'perhaps'; write one of true, false"),
            mistake("[[10, 20], [20, 10]]", "[[10, 20], [21, 10]]",
                "9:28: distance 21 from node 1 to node 0, but 20 from node 0 to node 1; write the same distance both ways"),
            mistake("refcount_bits: 16", "refcount_bit: 16",
                "11:16: unknown switch 'refcount_bit'; did you mean 'refcount_bits'?"),
            mistake("refcount_bits: 16", "refcount_bits: 12",
                "11:31: switch 'refcount_bits' is '12'; write one of 32, 16, 24, 64, 64_large"),
            mistake("refcount_bits: 16", "gup_split: sometimes",
                "11:27: switch 'gup_split' is 'sometimes'; write one of never, longterm_only, always"),
            mistake("{name: shm, size: 2MiB, shmem: true}", "{name: shm, shmem: true}",
                "12:13: a file needs its length; write either size: 2MiB or pages: 512"),
            mistake("{name: shm, size: 2MiB, shmem: true}", "{name: shm, size: 2MiB, shmem: maybe}",
                "12:44: 'shmem' is 'maybe'; write true or false"),
            mistake("node: 1", "node: 2", "14:53: 'node' is 2; write a whole number from 0 to 1"),
            mistake("node: 1, program", "node: 1, cgroup: web, program",
                "14:64: unknown cgroup of process group 'p': 'web'; there are none here, remove it"),
            mistake("files: [", "cgroups: [{name: web, max: 32KiB}]\n    files: [",
                "12:32: nothing can run in a cgroup of 32 KiB; write max: 64KiB or more, or leave it out for no limit"),
            mistake("files: [", "cgroups: [{name: web}, {name: web}]\n    files: [", "12:28: cgroup 'web' stands twice; give it another name"),
            mistake("{memory: 1GiB, cpus: 2}]", "{memory: 1GiB, cpus: 0}]",
                "14:53: process group 'p' begins on node 1, which has no cpu; choose node 0, or give that one cpus: 1"),
            mistake("thp: always", "weight: {0: 2, 2: 3}", "10:32: 'weight 2' is of a node that the machine does not have; the machine has nodes 0 to 1"),
            mistake("thp: always", "weight 3: 5", "10:24: 'weight 3' is of a node that the machine does not have; the machine has nodes 0 to 1"),
            mistake("{name: shm, size: 2MiB, shmem: true}", "{name: shm, size: 2MiB, shmem: true}, {name: ring, size: 2GiB, device: pfn}",
                "12:51: with device 'ring' drivers have all memory of the machine; give 'nodes' more memory"),
            mistake("- write: buf", "- set: {weight 2: 5}", "18:7: 'weight 2' is of a node that the machine does not have; the machine has nodes 0 to 1"),
            mistake("- write: buf", "- {mbind: {in: buf, mode: bind, nodes: [2]}}", "18:8: there is no node 2; the machine has nodes 0 to 1"),
            mistake("program: main}", "program: main}\n    disturb: [{at: 1ms, take: {node: 1, memory: 2GiB}, for: 1ms}]",
                "15:49: node 1 has less memory than that; take at most 1024MiB"),
            mistake("arrival: at once", "arrival: soon", "14:38: unknown 'arrival' 'soon'; write one of at once"),
            mistake("arrival: at once", "arrival: {every: 1ms, at: 1ms}",
                "14:38: 'arrival' needs one time; write 'at once', {at: 1ms} or {every: exponential(1ms)}"),
            mistake("program: main", "program: mian", "14:65: unknown program 'mian'; did you mean 'main'?"),
            mistake("prot: rw}", "prot: wr}",
                "17:50: unknown 'prot' 'wr'; did you mean 'rw'?"),
            mistake("size: 2MiB, prot: rw}", "size: 3KB, prot: rw}",
                "17:38: 'size': 'KB' is no unit here; did you mean 3KiB?"),
            mistake("size: 2MiB, prot: rw}", "size: 6KiB, prot: rw}",
                "17:38: 'size': '6KiB' is not a whole number of pages; write a multiple of 4KiB"),
            mistake("size: 2MiB, prot: rw}", "size: 0, prot: rw}",
                "17:38: 'size' is too small: '0'; write a greater one"),
            mistake("size: 2MiB, prot: rw}", "size: -2MiB, prot: rw}",
                "17:38: 'size' is negative: '-2MiB'; write a greater one"),
            mistake("- write: buf", "- wriet: buf", "18:7: unknown step 'wriet'; did you mean 'write'?"),
            mistake("- write: buf", "- write: bfu", "18:7: unknown region 'bfu'; did you mean 'buf'?"),
            mistake("- write: buf", "- write", "18:7: step 'write' says nothing more; write '- write: …'"),
            mistake("- write: buf", "- {write: buf, read: buf}",
                "18:20: 'read' and 'write' in one step; begin a new line with '- '"),
            mistake("- write: buf", "- {write: buf, expect: ENOSUCH}",
                "18:28: unknown 'expect' 'ENOSUCH'; did you mean 'ENOSPC'?"),
            mistake("- write: buf", "- {wait: 1ms, expect: ok}",
                "18:8: 'wait' can not fail, so nothing can be expected of it; move 'expect' to a call"),
            mistake("- write: buf", "- write: {in: buf, at: 1MiB, size: 2MiB}",
                "18:7: it ends 3 MiB after the begin of region 'buf', which has 2 MiB; stay inside of the region, or map more"),
            mistake("- write: buf", "- write: {at: 1MiB}", "18:14: 'at' without 'size'; add 'size: SIZE'"),
            mistake("- write: buf", "- write: {size: 1MiB}",
                "18:14: it does not say where; add 'in: REGION', or 'at: ADDRESS' and 'size: SIZE'"),
            mistake("- write: buf", "- madvise: {in: buf, advice: hugpage}",
                "18:34: unknown 'advice' 'hugpage'; did you mean 'hugepage'?"),
            mistake("- write: buf", "- mmap: {at: 1MiB, size: 4KiB, prot: rw}",
                "18:7: the mapping lies over region 'buf' of line 17; unmap that first, choose another place (in a loop: at: "
                    + "i * SIZE), or say 'replace: true'"),
            mistake("- write: buf", "- exit", "19:7: a step after 'exit' is never done; remove it, or move 'exit' to the end"),
            mistake("- write: buf", "- program: main", "18:16: program 'main' runs itself: main → main; use repeat instead"),
            mistake("- write: buf", "- cpu: 7", "18:7: there is no node 7; the machine has nodes 0 to 1"),
            mistake("- write: buf", "- wait: uniform(5ms..1ms)",
                "18:13: 'wait': the range of 'uniform(5ms..1ms)' is empty; write the smaller bound first"),
            mistake("- write: buf", "- wait: unifrom(1ms..5ms)",
                "18:13: 'wait': 'unifrom' is neither a loop around this step nor a distribution; did you mean 'uniform'?"),
            mistake("- unpin: whole", "- unpin: hole", "20:7: unknown pin handle 'hole'; did you mean 'whole'?"),
            mistake("in: buf, size: 1MiB}", "in: buf, size: uniform(4KiB, 1MiB)}",
                "19:57: a comma cut '1MiB)' off; inside of {…} put the amount in quotes, or write it without comma: "
                    + "uniform(a..b), one_of(a | b)",
                "19:43: 'size': 'uniform(4KiB' ends too early; inside of {…} put it in quotes, or write it without comma: "
                    + "uniform(a..b), one_of(a | b)"),
            mistake("times: 3", "times: many",
                "22:16: 'times': 'many' is neither a loop around this step nor a distribution; name a loop with 'repeat: "
                    + "{index: many, …}', or use uniform, zipf, one_of, exponential"),
            mistake("times: 3", "times: 3ms", "22:16: 'times': '3ms' has a unit; write a plain number"),
            mistake("at: 1GiB + i * 4MiB", "at: 1GiB + i * 1MiB",
                "25:13: the mapping lies over what an earlier round of this step mapped; unmap that first, choose another "
                    + "place (in a loop: at: i * SIZE), or say 'replace: true'"),
            mistake("at: 1GiB + i * 4MiB", "at: 1GiB + k * 4MiB",
                "25:24: 'at': 'k' is neither a loop around this step nor a distribution; name a loop with 'repeat: "
                    + "{index: k, …}', or use uniform, zipf, one_of, exponential"),
            mistake("at: 1GiB + i * 4MiB", "at: 1GiB + i",
                "25:24: 'at': loop 'i' has no unit; multiply it: i * 4MiB"),
            mistake("at: 1GiB + i * 4MiB", "at: 127TiB + i * 1TiB",
                "25:13: it ends beyond 128 TiB; lower 'at' or 'size'"),
            mistake("file: shm}", "file: smh}", "25:13: unknown file 'smh'; did you mean 'shm'?"),
            mistake("shared: true, file", "anon: true, file",
                "25:19: 'mmap' is anonymous and of a file; write 'anon: true' or 'file: NAME' or 'device: NAME', one of them"),
            mistake("weight: 1", "weight: 0", "27:20: 'weight' is 0; write a whole number from 1 to 1000000"),
            mistake("when: idle", "when: tired", "30:14: unknown 'when' 'tired'; write one of idle"),
            mistake("split_ok >= 0", "splits_ok >= 0", "31:10: unknown metric 'splits_ok'; did you mean 'split_ok'?"),
            mistake("split_ok >= 0", "split_ok", "31:10: 'split_ok' compares nothing; write METRIC, one of < <= == != >= >, "
                + "and a number"),
            mistake("split_ok >= 0", "split_ok = 0", "31:10: '=' is no comparison; write '=='"),
            mistake("split_ok >= 0", "refcount_headroom >= 10",
                "31:10: '10' is no percentage; compare with a percentage such as 10%"),
            mistake("[split_ok >= 0]", "[{that: split_ok >= 0, at: hlaf}]", "31:36: unknown mark 'hlaf'; did you mean 'half'?"),
            mistake("[split_ok >= 0]", "[{that: split_ok >= 0, machines: hots}]",
                "31:42: unknown machine class 'hots'; did you mean 'host'?"),
            mistake("[split_fail]", "split_fail",
                "32:10: 'summary' is 'split_fail'; write a list: one '- …' on each line, or [ … ]"),
            mistake("name: good", "name: good\nname: better", "3:1: key 'name' stands twice in this map; keep one of them"),
            mistake("name: good", "name: *good",
                "2:7: alias '*good' names nothing that ended before; define '&good' above it, and not around it"),
            mistake("name: good", "name: [good",
                "3:5: this is no YAML: expected ',' or ']', but got :; check indentation, brackets and "
                    + "quotes there"));
    }

    private static Arguments mistake(String good, String bad, String... messages) {
        assertTrue(GOOD.contains(good), () -> "the experiment has no " + good);
        return Arguments.of(bad, GOOD.replaceFirst(Pattern.quote(good),
            Matcher.quoteReplacement(bad)), List.of(messages));
    }

    @ParameterizedTest(name = "mistake {index}: {0}")
    @MethodSource("mistakes")
    void eachMistakeIsNamedWithItsLineAndARemedy(String bad, String yaml, List<String> messages) {
        List<String> lines = refused(yaml).getMessage().lines().toList();
        List<String> expected = messages.stream().map(message -> "bad.yaml:" + message).sorted().toList();
        assertEquals(expected, lines.stream().sorted().toList());
    }

    @Test
    void allMistakesAreNamedAtOnceInTheOrderOfTheirLines() {
        String message = refused(GOOD.replace("seed: 5", "seed: x").replace("thp: always", "thp: x")
            .replace("- write: buf", "- write: x").replace("split_ok >= 0", "x > 0")).getMessage();
        List<String> places = message.lines().map(line -> line.split(":")[1]).toList();
        assertEquals(List.of("3", "10", "18", "31"), places);
    }

    /** Memory that is certainly too small is refused where the process comes to want more, unless the OOM killer is what the experiment is about. */
    @Test
    void machinesTooSmallForAProcessAreRefused() {
        String small = GOOD.replace("[{memory: 1GiB, cpus: 2}, {memory: 1GiB, cpus: 2}]", "[{memory: 8MiB, cpus: 2}, {memory: 8MiB, cpus: 2}]");
        String written = small.replace("size: 2MiB, prot: rw}", "size: 17MiB, prot: rw}");
        assertEquals("bad.yaml:18:7: a process 'p' has written 17 MiB of its memory here, machine 'host' has 16 MiB and 0 MiB of swap; give 'nodes' more "
            + "memory, or 'swap', write less, or name 'oom_kills' in 'summary' if that is meant", refused(written).getMessage());
        assertEquals("good", read(written.replace("summary: [split_fail]", "summary: [oom_kills]")).name());
        assertEquals("good", read(written.replace("assert: [", "assert: [oom_kills >= 0, ")).name());
        assertEquals("good", read(written.replace("stop: {when: idle}", "stop: {at: 1ms}")).name());
        assertEquals("good", read(written.replace("thp: always}", "thp: always}\n    swap: 2MiB")).name());
        assertEquals("good", read(written.replace("- write: buf", "- write: {in: buf, size: uniform(4KiB..17MiB)}")).name());
        assertEquals("good", read(written.replace("- write: buf", "- write: {in: buf, size: 8MiB}\n    - madvise: {in: buf, advice: dontneed}\n    - write: buf")).name());
        String locked = written.replace("thp: always}", "thp: always}\n    swap: 1GiB").replace("- write: buf", "- mlock: buf");
        assertTrue(refused(locked).getMessage().startsWith("bad.yaml:19:7: a process 'p' has 17 MiB of memory locked here, machine 'host' has 16 MiB; "));
        String loop = small.replace("- write: buf", "- repeat: {times: 9, index: k, steps: [{mmap: {name: part, at: 4GiB + k * 2MiB, size: 2MiB, prot: rw}}, {write: part}]}");
        assertTrue(refused(loop).getMessage().startsWith("bad.yaml:18:7: a process 'p' has written 18 MiB"), () -> refused(loop).getMessage());
        assertEquals("good", read(loop.replace("times: 9", "times: 8")).name());
    }

    private static ExperimentSpec read(String yaml) {
        return SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "good.yaml");
    }

    @Test
    void manyMistakesAreCountedAndTheFirstAreShown() {
        StringBuilder yaml = new StringBuilder("version: 1\n");
        for (int i = 0; i < 200; i++) {
            yaml.append("wrong").append(i).append(": 1\n");
        }
        List<String> lines = refused(yaml.toString()).getMessage().lines().toList();
        assertEquals(51, lines.size());
        assertEquals("bad.yaml: and 152 more; mend these first", lines.get(50));
    }

    @Test
    void whatIsNoUtf8IsRefusedWithItsPlace() {
        byte[] latin = GOOD.replace("name: good", "name: g\u00fct").getBytes(StandardCharsets.ISO_8859_1);
        BadInput refused = assertThrows(BadInput.class, () -> SpecLoader.read(latin, "bad.yaml"));
        assertEquals("bad.yaml:2:8: byte 0xfc is not UTF-8; save the file as UTF-8", refused.getMessage());
    }

    @Test
    void whatIsNoTextIsRefused() {
        assertEquals("bad.yaml:2:7: a control character U+7; remove it", refused("version: 1\nname: \u0007").getMessage());
        assertTrue(refused("").getMessage().startsWith("bad.yaml:1:1: the file is empty; "));
        assertTrue(refused("# nothing\n").getMessage().contains("the file is empty"));
        assertTrue(refused("just words").getMessage()
            .startsWith("bad.yaml:1:1: the experiment is 'just words'; write a map"));
        assertTrue(refused(GOOD + "---\nversion: 1\n").getMessage().contains("a second document begins here"));
    }

    @Test
    void hugeFilesAreRefusedWithoutBeingRead(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("huge.yaml");
        byte[] bytes = new byte[9 << 20];
        Arrays.fill(bytes, (byte) '#');
        Files.write(file, bytes);
        BadInput refused = assertThrows(BadInput.class, () -> SpecLoader.load(file));
        assertTrue(refused.getMessage().endsWith(
            "an experiment has at most 8 MiB, use repeat and count instead of written-out steps"), refused.getMessage());
    }

    @Test
    void filesThatAreNotThereAreNamed(@TempDir Path directory) {
        BadInput missing = assertThrows(BadInput.class, () -> SpecLoader.load(directory.resolve("no.yaml").toString()));
        assertTrue(missing.getMessage().contains("no.yaml: there is no such file; "));
        BadInput folder = assertThrows(BadInput.class, () -> SpecLoader.load(directory));
        assertTrue(folder.getMessage().contains("this is a directory; "));
        BadInput name = assertThrows(BadInput.class, () -> SpecLoader.load("pin-half-umnap"));
        assertEquals("pin-half-umnap: there is no experiment of this name; did you mean pin-half-unmap?", name.getMessage());
    }

    @Test
    void bombsOfAliasesAndNestingAreRefusedAtOnce() {
        StringBuilder aliases = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 20; i++) {
            String before = "*a" + (i - 1);
            aliases.append("a").append(i).append(": &a").append(i).append(" [").append((before + ", ").repeat(9))
                .append(before).append("]\n");
        }
        String nested = "a: " + "[".repeat(100_000);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            assertTrue(refused(aliases.toString()).getMessage().contains("more than 1000000 parts, with aliases written out"));
            assertTrue(refused(nested).getMessage().contains("nested more than 64 deep"));
            assertTrue(refused("a: &a [*a]").getMessage().contains("names nothing that ended before"));
        });
    }

    @Test
    void programsThatRunEachOtherManyTimesAreReadQuickly() {
        StringBuilder yaml = new StringBuilder(GOOD.substring(0, GOOD.indexOf("  main:"))).append("  main: [program: p0]\n");
        for (int i = 0; i < 60; i++) {
            yaml.append("  p").append(i).append(": [program: p").append(i + 1).append(", program: p").append(i + 1).append("]\n");
        }
        yaml.append("  p60: [wait: 1ms]\n");
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () ->
            SpecLoader.read(yaml.toString().getBytes(StandardCharsets.UTF_8), "good.yaml").digest());
    }

    /** Whatever stands in a file, it is read or refused with a message; nothing else is thrown. */
    @Test
    void damagedFilesAreReadOrRefused() {
        for (long seed = 0; seed < 3000; seed++) {
            RandomStream random = RandomStream.of(seed, "damage", 0);
            byte[] bytes = GOOD.getBytes(StandardCharsets.UTF_8);
            for (long i = random.below(3); i >= 0; i--) {
                bytes[(int) random.below(bytes.length)] = " :-{}[],&*#\n0x9'\"|>%@\t\0".getBytes(StandardCharsets.UTF_8)
                    [(int) random.below(23)];
            }
            int length = random.below(4) == 0 ? (int) random.below(bytes.length) : bytes.length;
            byte[] cut = Arrays.copyOf(bytes, length);
            try {
                SpecLoader.read(cut, "bad.yaml");
            } catch (BadInput expected) {
                for (String line : expected.getMessage().lines().toList()) {
                    assertTrue(line.matches("bad\\.yaml:.*; .*"), "seed " + seed + ": " + line);
                }
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
