package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: one command is a whole cluster, and leaves nothing running. Method: that command in a process of its own, and what README.md
 * does with it.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusterCommandTest {
    @TempDir
    private Path directory;

    /** Commands of the other terminal: the first follows an experiment until another lets it rest. */
    private static void asTheReadmeSays(String url) throws Exception {
        List<String[]> commands = ReadmeTest.ofCluster().stream().skip(1).map(each -> Readme.arguments(each + " --coordinator " + url)).toList();
        assertEquals("submit list status pause", commands.stream().map(each -> each[0]).collect(Collectors.joining(" ")));
        StringWriter watched = new StringWriter();
        CompletableFuture<Integer> watch = CompletableFuture.supplyAsync(() -> Cli.run(Cli.commandLine().setOut(new PrintWriter(watched))
                .setErr(new PrintWriter(watched)), commands.get(0)));
        while (!Outcome.ok("list", "--coordinator", url).contains("  fork-cow-storm-1  running ")) {
            assertFalse(watch.isDone(), watched::toString);
        }
        Outcome.ok(commands.get(1));
        assertTrue(Outcome.ok(commands.get(2)).contains("  machines "));
        Outcome.ok(commands.get(3));
        assertEquals(ExitStatus.OK, watch.get(60, TimeUnit.SECONDS), watched::toString);
        assertTrue(Outcome.ok("status", "fork-cow-storm-1", "--coordinator", url).contains("paused"));
    }

    @Test
    void anExperimentOfAClusterEndsAsInOneJvmAndTheEndLeavesNothing() throws Exception {
        ClusterProcess cluster = ClusterProcess.start(directory.resolve("cluster"), Readme.arguments(ReadmeTest.ofCluster().get(0)));
        String url = cluster.url();
        List<ProcessHandle> members = cluster.process().descendants().toList();
        try {
            String submitted = Outcome.ok("submit", "pin-half-unmap", "--watch", "--coordinator", url);
            assertEquals(Outcome.ok("run", "pin-half-unmap", "--no-journal"), submitted.substring(submitted.indexOf('\n') + 1));
            assertTrue(Outcome.ok("list", "--coordinator", url).contains("  pin-half-unmap-1  completed "));
            asTheReadmeSays(url);
        } finally {
            cluster.end();
        }
        assertTrue(members.size() >= 5, "a database, a coordinator, nodes");
        for (ProcessHandle member : members) {
            member.onExit().get(60, TimeUnit.SECONDS);
        }
    }
}
