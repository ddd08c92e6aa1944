package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an experiment outlives the JVM that keeps it, and those that run it. Method: the command that is a whole cluster, of which first a
 * node and then the coordinator is killed in the middle of an experiment; started again, the experiment ends by itself as in one JVM.
 */
@Timeout(value = 480, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KilledClusterTest {
    private static final Pattern COMMITTED = Pattern.compile("epoch +[1-9]\\d* is committed");
    private static final int POLL_MILLIS = 100;
    private static final String YAML = """
        version: 1
        name: forks
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 64MiB}]
            processes: [{name: p, count: 4, program: main}]
        programs:
          main:
            - mmap: {name: heap, at: 0, size: 1MiB, prot: rw}
            - repeat:
                times: 700
                steps:
                  - write: {in: heap, at: uniform(0..1020KiB), size: 4KiB}
                  - fork: {steps: [{write: {in: heap, at: uniform(0..1020KiB), size: 4KiB}}]}
                  - join
            - munmap: heap
        run: {epoch: 100 ticks, commit_every: epoch}
        """;

    @TempDir
    private Path directory;

    private ClusterProcess cluster;

    /** Starts the cluster; the result is where its coordinator is. */
    private String start() throws IOException {
        cluster = ClusterProcess.start(directory.resolve("cluster"), "cluster", "--nodes", "2");
        return cluster.url();
    }

    /** A JVM of the cluster that was started with that command, as the system knows it. */
    private ProcessHandle member(String command) {
        return cluster.process().descendants().filter(each -> arguments(each).contains(command)).findFirst().orElseThrow();
    }

    private static List<String> arguments(ProcessHandle process) {
        try {
            return List.of(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")).split("\0"));
        } catch (IOException gone) {
            return List.of();
        }
    }

    private void awaitCommit(String url) throws InterruptedException {
        while (!COMMITTED.matcher(Outcome.ok("status", "forks-1", "--coordinator", url)).find()) {
            cluster.process().waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        cluster.end();
    }

    @Test
    void anExperimentOutlivesNodesAndItsCoordinator() throws Exception {
        String file = Files.writeString(directory.resolve("forks.yaml"), YAML).toString();
        String plain = Outcome.ok("run", file, "--no-journal");
        String url = start();
        Outcome.ok("submit", file, "--coordinator", url);
        awaitCommit(url);
        member("node").destroyForcibly();
        awaitCommit(url);
        member("coordinator").destroyForcibly();
        assertTrue(cluster.process().waitFor(120, TimeUnit.SECONDS), "without a coordinator the command ends");
        url = start();
        assertEquals(plain, Outcome.ok("watch", "forks-1", "--coordinator", url), cluster::said);
    }
}
