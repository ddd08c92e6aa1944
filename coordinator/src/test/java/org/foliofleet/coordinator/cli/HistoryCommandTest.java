package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Goal: the history of a machine is the same wherever its lanes were. Method: one experiment in one lane and in three. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HistoryCommandTest {
    private static final Pattern MAPPED = Pattern.compile("map frames (\\d+)");
    private static final String YAML = """
        version: 1
        name: told
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 64MiB}, {memory: 64MiB}]
            processes: [{name: p, count: 3, node: spread, program: main}]
        programs:
          main:
            - mmap: {name: buf, size: 2MiB, prot: rw}
            - repeat:
                times: 10
                steps:
                  - write: {in: buf, at: uniform(0..1020KiB), size: 64KiB}
                  - fork: {steps: [{write: {in: buf, at: uniform(0..1020KiB), size: 64KiB}}]}
                  - madvise: {in: buf, at: uniform(0..1020KiB), size: 64KiB, advice: dontneed}
                  - join
        stop: {when: idle}
        run: {epoch: 20 ticks, commit_every: epoch, history: full}
        """;

    @TempDir
    private Path directory;

    private String history(String where, String... arguments) {
        String[] all = new String[arguments.length + 4];
        System.arraycopy(new String[] {"history", "told-1/host/0", "--data", directory.resolve(where).toString()}, 0, all, 0, 4);
        System.arraycopy(arguments, 0, all, 4, arguments.length);
        return Outcome.ok(all);
    }

    @Test
    void aSpreadMachineHasTheHistoryOfOneInOnePlace() throws IOException {
        String file = Files.writeString(directory.resolve("told.yaml"), YAML).toString();
        String plain = Outcome.ok("run", file, "--data", directory.resolve("one").toString());
        assertEquals(plain, Outcome.ok("run", file, "--data", directory.resolve("three").toString(), "--spread", "3"));
        String all = history("one");
        assertEquals(all, history("three"));
        Matcher mapped = MAPPED.matcher(all);
        assertTrue(mapped.find(), all);
        String folio = history("one", "--folio", mapped.group(1));
        assertEquals(folio, history("three", "--folio", mapped.group(1)));
        String process = history("one", "--process", "2");
        assertEquals(process, history("three", "--process", "2"));
        assertTrue(folio.lines().allMatch(all::contains) && !folio.isEmpty(), folio);
        assertTrue(process.lines().count() > 10 && process.length() < all.length(), process);
    }
}
