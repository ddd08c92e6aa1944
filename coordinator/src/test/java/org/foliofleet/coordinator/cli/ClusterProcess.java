package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code foliofleet cluster} in a process of its own: a database, a coordinator and nodes, on ports that are free. */
final class ClusterProcess {
    private final Process process;
    private final StringBuilder said;
    private final String url;

    private ClusterProcess(Process process, StringBuilder said, String url) {
        this.process = process;
        this.said = said;
        this.url = url;
    }

    /** Starts it, and waits until it says where it is. @param command {@code cluster} and its options, but for ports, heap and directory */
    static ClusterProcess start(Path data, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Cli.class.getName()));
        all.addAll(List.of(command));
        all.addAll(List.of("--heap", "256m", "--http", "0", "--data", data.toString()));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        // Of two threads.
        StringBuilder said = new StringBuilder();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String url = "";
        for (String line = lines.readLine(); line != null && !line.startsWith("Ctrl-C ends"); line = lines.readLine()) {
            said.append(line).append('\n');
            url = line.startsWith("The cluster is at ") ? line.replaceAll("The cluster is at (\\S+)/api/v1\\..*", "$1") : url;
        }
        if (!url.startsWith("http://127.0.0.1:")) {
            process.destroy();
            throw new AssertionError(said.toString());
        }
        Thread rest = new Thread(() -> lines.lines().forEach(line -> {
            synchronized (said) {
                said.append(line).append('\n');
            }
        }));
        rest.setDaemon(true);
        rest.start();
        return new ClusterProcess(process, said, url);
    }

    String url() {
        return url;
    }

    Process process() {
        return process;
    }

    String said() {
        synchronized (said) {
            return said.toString();
        }
    }

    /** As Ctrl-C does. */
    void end() throws InterruptedException {
        process.destroy();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        assertTrue(ended, () -> "the cluster does not end: " + said());
    }
}
