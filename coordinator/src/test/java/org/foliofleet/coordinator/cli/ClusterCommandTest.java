package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Goal: one command is a whole cluster, and leaves nothing running. Method: that command in a process of its own, and what README.md
 * does with it.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusterCommandTest {
    @TempDir
    private Path directory;

    private static String execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Cli.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        assertEquals(ExitStatus.OK, Cli.run(commandLine, arguments), () -> out + "" + err);
        return out.toString();
    }

    private Process cluster() throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Cli.class.getName()));
        command.addAll(List.of(Readme.arguments(ReadmeTest.ofCluster().get(0))));
        command.addAll(List.of("--heap", "256m", "--http", "0", "--data", directory.resolve("cluster").toString()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Commands of the other terminal: the first follows an experiment until another lets it rest. */
    private static void asTheReadmeSays(String url) throws Exception {
        List<String[]> commands = ReadmeTest.ofCluster().stream().skip(1).map(each -> Readme.arguments(each + " --coordinator " + url)).toList();
        assertEquals("submit list status pause", commands.stream().map(each -> each[0]).collect(Collectors.joining(" ")));
        StringWriter watched = new StringWriter();
        CompletableFuture<Integer> watch = CompletableFuture.supplyAsync(() -> Cli.run(Cli.commandLine().setOut(new PrintWriter(watched))
                .setErr(new PrintWriter(watched)), commands.get(0)));
        while (!execute("list", "--coordinator", url).contains("  fork-cow-storm-1  running ")) {
            assertFalse(watch.isDone(), watched::toString);
        }
        execute(commands.get(1));
        assertTrue(execute(commands.get(2)).contains("  machines "));
        execute(commands.get(3));
        assertEquals(ExitStatus.OK, watch.get(60, TimeUnit.SECONDS), watched::toString);
        assertTrue(execute("status", "fork-cow-storm-1", "--coordinator", url).contains("paused"));
    }

    @Test
    void anExperimentOfAClusterEndsAsInOneJvmAndTheEndLeavesNothing() throws Exception {
        Process cluster = cluster();
        List<ProcessHandle> members = new ArrayList<>();
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines = cluster.inputReader(StandardCharsets.UTF_8)) {
            String url = "";
            for (String line = lines.readLine(); line != null && !line.startsWith("Ctrl-C ends"); line = lines.readLine()) {
                said.append(line).append('\n');
                url = line.startsWith("The cluster is at ") ? line.replaceAll("The cluster is at (\\S+)/api/v1\\..*", "$1") : url;
            }
            assertTrue(url.startsWith("http://127.0.0.1:"), said::toString);
            cluster.descendants().forEach(members::add);
            String submitted = execute("submit", "pin-half-unmap", "--watch", "--coordinator", url);
            assertEquals(execute("run", "pin-half-unmap", "--no-journal"), submitted.substring(submitted.indexOf('\n') + 1));
            assertTrue(execute("list", "--coordinator", url).contains("  pin-half-unmap-1  completed "));
            asTheReadmeSays(url);
        } finally {
            cluster.destroy();
            assertTrue(cluster.waitFor(120, TimeUnit.SECONDS), "the cluster ends");
        }
        assertTrue(members.size() >= 5, "a database, a coordinator, nodes");
        for (ProcessHandle member : members) {
            member.onExit().get(60, TimeUnit.SECONDS);
        }
    }
}
