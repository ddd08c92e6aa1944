package org.foliofleet.coordinator.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Another JVM with this program, whose words are repeated with its name before them. It ends when this JVM does. */
final class ChildProcess {
    private final String name;
    private final Process process;
    private final Pattern awaited;
    private final CompletableFuture<String> found = new CompletableFuture<>();

    private ChildProcess(String name, Process process, PrintWriter out, Pattern awaited) {
        this.name = name;
        this.awaited = awaited;
        this.process = process;
        Thread reader = new Thread(() -> repeat(out), "words-of-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * @param options     of the JVM, such as its heap
     * @param environment beside this one's
     * @param awaited     a line that somebody waits for, or null
     * @param arguments   of the command line
     */
    static ChildProcess start(String name, List<String> options, Map<String, String> environment, PrintWriter out, Pattern awaited,
            String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseParallelGC",
                "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Cli.class.getName()));
        command.addAll(List.of(arguments));
        command.add("--with-parent");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            return new ChildProcess(name, builder.start(), out, awaited);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void repeat(PrintWriter out) {
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                synchronized (out) {
                    out.println(name + ": " + line);
                    out.flush();
                }
                if (awaited != null && awaited.matcher(line).matches()) {
                    found.complete(line);
                }
            }
        } catch (IOException e) {
            // The process is gone; what it ended with says more.
            found.complete("");
        }
        found.complete("");
    }

    /** The first line that is as awaited; empty if it ends without one. All that it said before is repeated by then. */
    String awaitedLine() {
        return found.join();
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    CompletableFuture<Process> ended() {
        return process.onExit();
    }

    /** Asks it to end. */
    void ask() {
        process.destroy();
    }

    /** Waits for its end, and does not wait longer than that. */
    void end(long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
