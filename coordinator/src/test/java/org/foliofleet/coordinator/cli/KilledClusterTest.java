package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

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

    private Process cluster;
    private final StringBuilder said = new StringBuilder();

    private static String execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Cli.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        assertEquals(ExitStatus.OK, Cli.run(commandLine, arguments), () -> out + "" + err);
        return out.toString();
    }

    /** Starts the cluster; the result is where its coordinator is. */
    private String start() throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Cli.class.getName()));
        command.addAll(List.of("cluster", "--nodes", "2", "--heap", "256m", "--http", "0", "--data", directory.resolve("cluster").toString()));
        cluster = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader lines = cluster.inputReader(StandardCharsets.UTF_8);
        String url = "";
        for (String line = lines.readLine(); line != null && !line.startsWith("Ctrl-C ends"); line = lines.readLine()) {
            said.append(line).append('\n');
            url = line.startsWith("The cluster is at ") ? line.replaceAll("The cluster is at (\\S+)/api/v1\\..*", "$1") : url;
        }
        assertTrue(url.startsWith("http://127.0.0.1:"), said::toString);
        Thread rest = new Thread(() -> lines.lines().forEach(line -> said.append(line).append('\n')));
        rest.setDaemon(true);
        rest.start();
        return url;
    }

    /** A JVM of the cluster that was started with that command, as the system knows it. */
    private ProcessHandle member(String command) {
        return cluster.descendants().filter(each -> arguments(each).contains(command)).findFirst().orElseThrow();
    }

    private static List<String> arguments(ProcessHandle process) {
        try {
            return List.of(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")).split("\0"));
        } catch (IOException gone) {
            return List.of();
        }
    }

    private void awaitCommit(String url) throws InterruptedException {
        while (!COMMITTED.matcher(execute("status", "forks-1", "--coordinator", url)).find()) {
            cluster.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        cluster.destroy();
        if (!cluster.waitFor(120, TimeUnit.SECONDS)) {
            cluster.descendants().forEach(ProcessHandle::destroyForcibly);
            cluster.destroyForcibly().waitFor();
        }
    }

    @Test
    void anExperimentOutlivesNodesAndItsCoordinator() throws Exception {
        String file = Files.writeString(directory.resolve("forks.yaml"), YAML).toString();
        String plain = execute("run", file, "--no-journal");
        String url = start();
        execute("submit", file, "--coordinator", url);
        awaitCommit(url);
        member("node").destroyForcibly();
        awaitCommit(url);
        member("coordinator").destroyForcibly();
        assertTrue(cluster.waitFor(120, TimeUnit.SECONDS), "without a coordinator the command ends");
        url = start();
        assertEquals(plain, execute("watch", "forks-1", "--coordinator", url), said::toString);
    }
}
