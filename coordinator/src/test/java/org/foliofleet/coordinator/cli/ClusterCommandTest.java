package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Goal: one command is a whole cluster, and leaves nothing running. Method: that command in a process of its own, and an experiment on it. */
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
        command.addAll(List.of("cluster", "--nodes", "1", "--heap", "256m", "--http", "0", "--data", directory.resolve("cluster").toString()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
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
        } finally {
            cluster.destroy();
            assertTrue(cluster.waitFor(120, TimeUnit.SECONDS), "the cluster ends");
        }
        assertTrue(members.size() >= 3, "a database, a coordinator, a node");
        for (ProcessHandle member : members) {
            member.onExit().get(60, TimeUnit.SECONDS);
        }
    }
}
