package org.foliofleet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Goal: nothing half-done and nothing of one machine is left behind. Method: reads every written file of all modules
 * as text. The patterns are spelled so that they do not find themselves.
 */
class TidyTest {
    private static final Pattern LEFTOVER_MARKER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    private static final Pattern SWITCHED_OFF_TEST = Pattern.compile("@Dis" + "abled\\b|@Ign" + "ore\\b");
    private static final Pattern WAITING_BY_TIME = Pattern.compile("\\b(Thread|TimeUnit\\.\\w+)\\.sle" + "ep\\b");
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.}])/(?:work|root|home|Users)/\\w|[A-Z]:\\\\Users|\\.m2/rep" + "ository");
    private static final Pattern REGISTRY_HOST = Pattern.compile(
            "\\b(repo1?\\.ma" + "ven\\.(org|apache\\.org)|repo\\.akka\\.\\w+|\\w+\\.sona" + "type\\.\\w+|jit" + "pack\\.io"
                    + "|art" + "ifactory\\.\\w+|nex" + "us\\.\\w+|registry\\.\\w+\\.\\w+|docker\\.io|ghcr\\.io|quay\\.io)\\b"
                    + "|<(plugin)?rep" + "ositor(y|ies)>|<mirror" + "s?>|<distribution" + "Management>",
            Pattern.CASE_INSENSITIVE);

    @Test
    void noLeftoverMarkers() {
        assertEquals(List.of(), findings(SourceTree.writtenFiles(), LEFTOVER_MARKER));
    }

    @Test
    void noTestIsSwitchedOffAndNothingWaitsByTime() {
        assertEquals(List.of(), findings(SourceTree.javaFiles(), SWITCHED_OFF_TEST));
        assertEquals(List.of(), findings(SourceTree.javaFiles(), WAITING_BY_TIME));
    }

    @Test
    void noPathOfOneMachineAndNoRegistryHost() {
        assertEquals(List.of(), findings(SourceTree.writtenFiles(), MACHINE_PATH));
        assertEquals(List.of(), findings(SourceTree.writtenFiles(), REGISTRY_HOST));
    }

    @Test
    void theTestCommandOfTheReadmeIsTheOneThatCiRuns() {
        Path script = SourceTree.root().resolve(".ci").resolve("run");
        Matcher command = Pattern.compile("(?m)^(mvn .*verify)\\b").matcher(SourceTree.text(script));
        assertTrue(command.find(), "the script of CI runs mvn … verify");
        assertTrue(Files.isExecutable(script), "the script of CI is executable");
        String readme = SourceTree.text(SourceTree.root().resolve("README.md"));
        assertTrue(readme.contains("\n" + command.group(1) + "\n"), () -> "README.md has the line " + command.group(1));
    }

    /** The patterns bite: each sample is put together here, so that this file stays tidy itself. */
    @Test
    void thePatternsFindWhatTheyAreFor() {
        assertTrue(LEFTOVER_MARKER.matcher("// TO" + "DO later").find());
        assertTrue(SWITCHED_OFF_TEST.matcher("    @Dis" + "abled(\"slow\")").find());
        assertTrue(WAITING_BY_TIME.matcher("Thread.sle" + "ep(10)").find());
        assertTrue(MACHINE_PATH.matcher("see /ro" + "ot/notes").find());
        assertTrue(REGISTRY_HOST.matcher("https://repo.ma" + "ven.apache.org/maven2").find());
    }

    private static List<String> findings(List<Path> files, Pattern pattern) {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            String[] lines = SourceTree.text(file).split("\n", -1);
            for (int i = 0; i < lines.length; i++) {
                if (pattern.matcher(lines[i]).find()) {
                    found.add(SourceTree.root().relativize(file) + ":" + (i + 1) + ": " + lines[i].strip());
                }
            }
        }
        return found;
    }
}
