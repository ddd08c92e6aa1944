package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.protocol.experiment.ExperimentSchema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Goal: a file is checked, explained and described before anything runs. Method: the commands on files good and bad. */
class ExperimentFilesTest {
    private static final String FLEET = """
        version: 1
        name: fleet
        parameters: {scale: 2}
        machines:
          - name: kernel
            count: $(scale * 3)
            nodes: [{memory: 64MiB}]
            kernel: {thp: always}
            processes: [{name: p, count: 2, program: {workload: zygote, apps: 5, areas: 10}}]
          - {name: narrow, like: kernel, policies: {refcount_bits: 16}}
        """;
    @TempDir
    private Path directory;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path fleet;

    @BeforeEach
    void aFile() throws IOException {
        fleet = Files.writeString(directory.resolve("fleet.yaml"), FLEET);
    }

    private int foliofleet(String... arguments) {
        CommandLine commandLine = Cli.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return Cli.run(commandLine, arguments);
    }

    @Test
    void aGoodFileIsOkAndHasASize() {
        assertEquals(0, foliofleet("validate", fleet.toString(), "fork-cow-storm"), err::toString);
    }

    @Test
    void allMistakesOfAllFilesAreNamedWithTheirLines() throws IOException {
        Path bad = Files.writeString(directory.resolve("bad.yaml"), FLEET.replace("zygote", "zygot").replace("refcount_bits: 16", "refcount_bits: 17"));
        Path worse = Files.writeString(directory.resolve("worse.yaml"), FLEET.replace("$(scale * 3)", "$(scale * 3MiB)").replace("thp: always", "thp: sometimes"));
        assertEquals(2, foliofleet("validate", bad.toString(), fleet.toString(), worse.toString()));
        String said = err.toString();
        assertTrue(Pattern.compile("bad.yaml:9:\\d+: .*did you mean 'zygote'").matcher(said).find(), said);
        assertTrue(Pattern.compile("bad.yaml:10:\\d+: ").matcher(said).find(), said);
        assertTrue(Pattern.compile("worse.yaml:6:\\d+: ").matcher(said).find(), said);
        assertTrue(Pattern.compile("worse.yaml:8:\\d+: ").matcher(said).find(), said);
        assertTrue(out.toString().contains("fleet.yaml: ok; 12 machines"), out::toString);
    }

    @Test
    void parametersAreSetAndUnknownOnesRefused() {
        assertEquals(0, foliofleet("validate", fleet.toString(), "--set", "scale=50"));
        assertTrue(out.toString().contains("300 machines"), out::toString);
        assertEquals(2, foliofleet("validate", fleet.toString(), "--set", "scal=50"));
        assertTrue(err.toString().contains("did you mean 'scale'"), err::toString);
        assertEquals(2, foliofleet("validate", fleet.toString(), "--set", "scale=5ms"));
        assertEquals(2, foliofleet("validate", "fork-cow-storm", "--set", "scale=5"));
        assertTrue(err.toString().contains("there are no parameters"), err::toString);
    }

    @Test
    void whatIsTakenOverIsShown() throws IOException {
        assertEquals(0, foliofleet("explain", fleet.toString()));
        String text = out.toString();
        String narrow = text.substring(text.indexOf("Machines narrow: 6"), text.indexOf("Programs"));
        assertTrue(narrow.contains("nodes: 64 MiB with 1 cpus") && narrow.contains("kernel: thp = always") && narrow.contains("switches: refcount_bits = 16"), text);
        assertTrue(text.contains("wait exponential(10ms)"), text);
        assertTrue(text.contains("heap for all machines"), text);
    }

    @Test
    void programsGetItAsJson() throws IOException {
        assertEquals(0, foliofleet("explain", fleet.toString(), "--json"));
        JsonNode root = new ObjectMapper().readTree(out.toString());
        assertEquals("16", root.at("/machines/1/policies/refcount_bits").asText());
        assertEquals(12, root.at("/size/machines").asLong());
        assertEquals(144, root.at("/size/processes").asLong());
        assertTrue(root.at("/size/vmas").asLong() > 12 * 10 * 10, () -> root.get("size").toString());
    }

    @Test
    void theSchemaIsPrinted() {
        assertEquals(0, foliofleet("schema"));
        assertEquals(ExperimentSchema.json(), out.toString());
    }

    @Test
    void theExampleOfTheReadmeIsOk() throws IOException {
        Matcher example = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(Path.of("../README.md")));
        assertTrue(example.find());
        Path mine = Files.writeString(directory.resolve("mine.yaml"), example.group(1));
        assertEquals(0, foliofleet("validate", mine.toString()), err::toString);
    }
}
