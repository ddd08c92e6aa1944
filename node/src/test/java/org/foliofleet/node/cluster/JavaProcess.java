package org.foliofleet.node.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.protocol.BadInput;

/**
 * A small JVM of its own, on the class path of this one. What it says, line by line, can be waited for: lines that begin
 * with {@value #MARK}, as {@link Told} writes them; all else goes to its log only. It does not outlive this JVM: killed when this one
 * exits, and ends by itself ({@link Told#endWithParent}) when this one was killed.
 */
final class JavaProcess implements AutoCloseable {
    static final String MARK = "@";
    private static final long PATIENCE_SECONDS = 90;
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();
    private static final String ENDED = "ended";

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly)));
    }

    private final String name;
    private final Path log;
    private final Process process;
    private final Writer orders;
    private boolean frozen;
    private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

    private JavaProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        ALIVE.add(process);
        Thread reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** What a JVM is started with. */
    record Start(String name, Class<?> main, List<String> jvm, List<String> arguments, List<String> within, Map<String, String> environment) {
        static Start of(String name, Class<?> main, String... arguments) {
            return new Start(name, main, List.of(), List.of(arguments), List.of(), Map.of());
        }

        /** With the database as a program finds it in its environment. */
        Start with(DatabaseAddress database) {
            Map<String, String> variables = new TreeMap<>(environment);
            variables.put(DatabaseAddress.URL, database.url());
            if (database.user() != null) {
                variables.put(DatabaseAddress.USER, database.user());
                variables.put(DatabaseAddress.PASSWORD, database.password());
            }
            return new Start(name, main, jvm, arguments, within, variables);
        }

        Start with(String... options) {
            List<String> all = new ArrayList<>(jvm);
            all.addAll(List.of(options));
            return new Start(name, main, all, arguments, within, environment);
        }

        /** @param command that runs another, such as {@code ip netns exec h1} */
        Start within(String... command) {
            return new Start(name, main, jvm, arguments, List.of(command), environment);
        }
    }

    /** @param logs where its output is kept */
    static JavaProcess start(Start what, Path logs) {
        List<String> command = new ArrayList<>(what.within());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true",
                "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
        ClassArchive archive = ClassArchive.get();
        command.addAll(archive.options());
        command.addAll(what.jvm());
        command.add(what.main().getName());
        command.addAll(what.arguments());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(what.environment());
        builder.environment().put("CLASSPATH", archive.classPath());
        try {
            Files.createDirectories(logs);
            Path log = Files.createTempFile(logs, what.name() + "-", ".log");
            return new JavaProcess(what.name(), log, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                PrintWriter copy = new PrintWriter(Files.newBufferedWriter(log), true)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                copy.println(line);
                if (line.startsWith(MARK)) {
                    told.add(line.substring(MARK.length()));
                }
            }
        } catch (IOException e) {
            // Its output ends with it.
        } finally {
            told.add(ENDED);
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isFrozen() {
        return frozen;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The next thing it tells. @throws AssertionError with the end of its log, if it ends or tells nothing */
    String next() {
        try {
            String line = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null || line.equals(ENDED)) {
                throw new AssertionError(name + (line == null ? " tells nothing" : " has ended") + "; its last words:\n" + lastWords());
            }
            return line;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What it has told and nobody has taken; without waiting. */
    List<String> takeAll() {
        List<String> all = new ArrayList<>();
        told.drainTo(all);
        if (all.remove(ENDED)) {
            told.add(ENDED);
        }
        return all;
    }

    /** Waits for something that it tells, past all else. */
    String await(Predicate<String> what) {
        String line = next();
        while (!what.test(line)) {
            line = next();
        }
        return line;
    }

    /** Says a line to it. */
    void say(String line) {
        try {
            orders.write(line + "\n");
            orders.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL; waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM, so that it may put things in order; waits until it is gone. @return its exit status */
    int terminate() {
        // Not destroy(), which closes its input first: that would be the end at once.
        signal("-TERM");
        awaitEnd();
        return process.exitValue();
    }

    /** Waits until it is gone. */
    void awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(name + " does not end; its last words:\n" + lastWords());
            }
            ALIVE.remove(process);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SIGSTOP: it sleeps, and knows nothing of it. */
    void freeze() {
        frozen = true;
        signal("-STOP");
    }

    /** SIGCONT. */
    void thaw() {
        frozen = false;
        signal("-CONT");
    }

    private void signal(String which) {
        Shell.run("kill", which, Long.toString(process.pid()));
    }

    /** The end of its log. */
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    /** Commands of the system. */
    static final class Shell {
        private Shell() {}

        /** @throws BadInput with its output, if it ends with another status than 0 */
        static String run(String... command) {
            try {
                Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor() != 0) {
                    throw new BadInput(String.join(" ", command) + ": " + output);
                }
                return output;
            } catch (IOException e) {
                throw new BadInput(String.join(" ", command) + ": " + e.getMessage());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
