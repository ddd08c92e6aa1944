package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.zip.GZIPInputStream;
import org.foliofleet.protocol.serial.FormatHistory;
import org.h2.tools.RunScript;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Goal: journals are readable for ever. Method: a journal that each generation of the format wrote is looked into and gone on from. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GoldenJournalTest {
    private static final String DIRECTORY = "journal-format/";

    private record Outcome(int status, String out, String err) {}

    @TempDir
    private Path directory;

    private static Outcome execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Cli.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Outcome(Cli.run(commandLine, arguments), out.toString(), err.toString());
    }

    private Path data(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    private static Connection database(Path data) throws Exception {
        return DriverManager.getConnection("jdbc:h2:file:" + data.resolve("journal").toAbsolutePath());
    }

    private static void lookInto(Path data) {
        String place = data.toString();
        Outcome list = execute("list", "--data", place);
        assertTrue(list.out().contains("golden"), list.out() + list.err());
        Outcome history = execute("history", "golden-1/host/0", "--data", place);
        assertEquals(ExitStatus.OK, history.status(), history.err());
        assertTrue(history.out().lines().count() > 1000, history.out());
        Outcome watch = execute("watch", "golden-1", "--data", place);
        assertTrue(watch.out().contains("\ndigest "), watch.out() + watch.err());
        Outcome branch = execute("branch", "golden-1", "--epoch", "10", "--id", "on", "--data", place);
        assertEquals(ExitStatus.OK, branch.status(), branch.out() + branch.err());
        assertTrue(branch.out().contains("\ndigest "), branch.out());
    }

    @Test
    void journalsOfAllGenerationsAreLookedIntoAndGoneOnFrom() throws Exception {
        for (int generation = 1; generation <= FormatHistory.current(); generation++) {
            Path data = data("generation-" + generation);
            try (InputStream in = GoldenJournalTest.class.getResourceAsStream("/" + DIRECTORY + "generation-" + generation + ".sql.gz")) {
                assertNotNull(in, "generation " + generation + " has a golden journal");
                try (Connection connection = database(data);
                        Reader script = new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8)) {
                    RunScript.execute(connection, script);
                }
            }
            lookInto(data);
        }
    }

    /** What is written today can be gone on from; it is kept if that is asked for. */
    @Test
    void aJournalIsWrittenWhenAskedFor() throws Exception {
        Path data = data("new");
        Outcome run = execute("run", Path.of("..", "node", "src", "test", "resources", DIRECTORY, "golden.yaml").toString(), "--data", data.toString());
        assertTrue(run.out().contains("\ndigest "), run.out() + run.err());
        String root = System.getProperty("freeze.goldens");
        Path file = root == null ? null
            : Path.of(root).resolve("coordinator/src/test/resources").resolve(DIRECTORY + "generation-" + FormatHistory.current() + ".sql.gz");
        if (file != null && !Files.exists(file)) {
            try (Connection connection = database(data); Statement statement = connection.createStatement()) {
                statement.execute("script to '" + file + "' compression gzip");
            }
        }
        lookInto(data);
    }
}
