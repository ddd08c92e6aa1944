package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Goal: who does what README.md says gets what it says. Method: its commands are run in a directory that has the project's files, by
 * the program's main class. What cannot be run here is named below with the reason, and is held against what can be known of it.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadmeTest {
    private static final String OWN_FILE = "mine.yaml";

    /** Of this program, and only read: everything else of it is run. */
    private static final Map<String, String> READ_ONLY = Map.of(
            "foliofleet run refcount-overflow", "takes minutes and gigabytes",
            "foliofleet run fleet-soak", "takes a minute",
            "foliofleet cluster --nodes 3 --metrics 9464", "a cluster is run by ClusterCommandTest, its metrics are scraped by DashboardsTest",
            "foliofleet coordinator --host HOST --port 2550", "names machines; PodsTest runs it",
            "foliofleet node --host OTHER --join HOST:2550", "names machines; PodsTest runs it",
            "foliofleet history fork-cow-storm-1/host/0 --process 3 --database $FOLIOFLEET_DATABASE_URL", "names a database; HistoryCommandTest runs it");

    /** Of other programs, and not run. */
    private static final Map<Pattern, String> OTHERS = new LinkedHashMap<>();

    static {
        OTHERS.put(Pattern.compile("mvn -q -DskipTests package"), "builds what is tested here");
        OTHERS.put(Pattern.compile("mvn -B -ntp verify"), "runs this test");
        OTHERS.put(Pattern.compile("docker build -f (\\S+) -t foliofleet:[0-9.]+ \\."), "there is no Docker here");
        OTHERS.put(Pattern.compile("docker compose -f (\\S+) up --detach --build"), "there is no Docker here");
        OTHERS.put(Pattern.compile("kubectl apply -k (\\S+)"), "there is no Kubernetes here; OverlaysTest makes what is applied, and reads it strictly");
        OTHERS.put(Pattern.compile("prometheus --config\\.file=(\\S+)"), "DashboardsTest runs one");
        OTHERS.put(Pattern.compile("alias foliofleet='java -jar coordinator/target/foliofleet\\.jar'"), "is how commands are called below it");
        OTHERS.put(Pattern.compile("export( FOLIOFLEET_DATABASE_(URL|USER|PASSWORD_FILE)=\\S+)+"), "names a database");
    }

    @TempDir
    private Path directory;

    private final List<String> plain = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();
    private final Set<String> notRun = new TreeSet<>();

    /** Sorts a command; @throws AssertionError if it is none that could be given */
    private void take(String command) {
        Matcher completion = Pattern.compile("source <\\((.*)\\)").matcher(command);
        String given = completion.matches() ? completion.group(1) : command;
        String[] arguments = Readme.arguments(given);
        if (arguments == null) {
            Map.Entry<Pattern, String> other = OTHERS.entrySet().stream().filter(each -> each.getKey().matcher(given).matches()).findFirst()
                    .orElseThrow(() -> new AssertionError("README.md has a command that nobody tests: " + given));
            Matcher matcher = other.getKey().matcher(given);
            if (matcher.matches() && matcher.groupCount() == 1) {
                assertTrue(Files.exists(Readme.TOP.resolve(matcher.group(1))), "there is no " + matcher.group(1) + " for " + given);
            }
            notRun.add(given + ": " + other.getValue());
        } else if (READ_ONLY.containsKey(given) || given.matches(".* [A-Z]+( .*)?")) {
            read(arguments);
            notRun.add(given + ": " + READ_ONLY.getOrDefault(given, "names what is the reader's"));
        } else if (ofCluster().contains(given)) {
            notRun.add(given + ": ClusterCommandTest runs it");
        } else {
            boolean journal = List.of("run", "list", "resume").contains(arguments[0])
                    && Arrays.stream(arguments).noneMatch(List.of("--no-journal", "--check-determinism", "--trace", "--help")::contains);
            (journal ? kept : plain).add(String.join(" ", arguments));
        }
    }

    private static void read(String... arguments) {
        try {
            Cli.commandLine().parseArgs(arguments);
        } catch (CommandLine.ParameterException e) {
            throw new AssertionError("foliofleet " + String.join(" ", arguments) + ": " + e.getMessage(), e);
        }
    }

    /** Commands of the section on a cluster on one machine that ClusterCommandTest gives to one. */
    static List<String> ofCluster() {
        try {
            return Readme.ofProject().blocks("sh").stream().filter(block -> block.startsWith("foliofleet cluster --nodes 3\n")
                    || block.equals("foliofleet cluster --nodes 3") || block.startsWith("foliofleet submit "))
                    .flatMap(block -> Readme.commands(block).stream()).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Process start(List<String> commands) throws IOException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), ManyCommands.class.getName()).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("out-" + commands.hashCode()).toFile()).start();
        process.outputWriter(StandardCharsets.UTF_8).append(String.join("\n", commands)).append('\n').close();
        return process;
    }

    /** Waits until all have ended as they should. @return what they said */
    private String finish(Process process, List<String> commands) throws Exception {
        Path out = directory.resolve("out-" + commands.hashCode());
        boolean ended = process.waitFor(150, TimeUnit.SECONDS);
        process.destroyForcibly();
        String said = Files.readString(out);
        assertTrue(ended, said);
        assertEquals(commands.stream().map(each -> ManyCommands.ENDED + "0 " + each).toList(),
                said.lines().filter(line -> line.startsWith(ManyCommands.ENDED)).toList(), said);
        return said;
    }

    @Test
    void everyCommandDoesWhatItSays() throws Exception {
        Readme readme = Readme.ofProject();
        readme.commands().forEach(this::take);
        readme.mentioned().forEach(each -> {
            if (each.matches("foliofleet [a-z]+")) {
                assertTrue(Cli.commandLine().getSubcommands().containsKey(Readme.arguments(each)[0]), each);
            } else {
                take(each);
            }
        });
        for (String module : List.of("protocol", "node", "coordinator")) {
            Files.createSymbolicLink(directory.resolve(module), Readme.TOP.resolve(module));
        }
        Files.writeString(directory.resolve(OWN_FILE), readme.blocks("yaml").get(0) + "\n");
        Process others = start(plain);
        // Each in a JVM of its own, as people give them.
        for (String each : kept) {
            finish(start(List.of(each)), List.of(each));
        }
        String said = finish(others, plain);
        assertTrue(Files.readString(directory.resolve("storm.html")).startsWith("<!DOCTYPE html>"), "the report is there");
        assertTrue(said.contains("deterministic: ") && said.contains("complete -F"), said);
        assertTrue(plain.size() > 8 && kept.size() > 4, plain + " " + kept);
        System.out.println("README.md: not run:\n  " + String.join("\n  ", notRun));
    }

    @Test
    void whatIsNoCommandIsFound() {
        for (String wrong : List.of("foliofleet rum --no-such HOST", "foliofleet history --nothing FILE", "kubectl delete everything", "docker build -f none/Dockerfile -t foliofleet:1 .",
                "rm -rf foliofleet-data", "export HOME=/")) {
            assertThrows(AssertionError.class, () -> take(wrong), wrong);
        }
        assertEquals(Set.of(), READ_ONLY.keySet().stream().filter(each -> {
            try {
                return !Readme.ofProject().commands().contains(each);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }).collect(Collectors.toSet()), "README.md does not have these any more");
    }
}
