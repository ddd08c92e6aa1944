package org.foliofleet.protocol.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: what operations take can be chosen. Method: experiments that name tables, or hold figures, or name files. */
class CostTableTest {
    private static final String EXPERIMENT = """
        version: 1
        name: slow
        machines:
          - name: host
            costs: COSTS
            nodes: [{memory: 64MiB}]
            processes: [{name: p, program: [{wait: 1us}]}]
        """;

    @TempDir
    private Path directory;

    private static Map<String, String> settings(String costs) {
        return SpecLoader.read(EXPERIMENT.replace("COSTS", costs).getBytes(StandardCharsets.UTF_8), "slow.yaml").machines().get(0).settings();
    }

    @Test
    void theMeasuredTableChangesNothing() {
        assertEquals(Map.of(), settings("measured"));
        assertEquals(SpecLoader.read(EXPERIMENT.replace("    costs: COSTS\n", "").getBytes(StandardCharsets.UTF_8), "x").digest(),
            SpecLoader.read(EXPERIMENT.replace("COSTS", "{anon_fault: 1304ns}").getBytes(StandardCharsets.UTF_8), "x").digest());
    }

    @Test
    void everyBundledTableCanBeReadAndFiguresDifferFromOne() {
        CostReader.BUNDLED.forEach(CostTableTest::settings);
        assertEquals(Map.of("costs.swap_page", "1200", "costs.anon_fault", "2000"), settings("{like: fast-swap, anon_fault: 2us}"));
    }

    @Test
    void aFileBesideTheExperimentBecomesPartOfIt() throws IOException {
        Path file = Files.writeString(directory.resolve("slow.yaml"), EXPERIMENT.replace("COSTS", "\"mine.yaml\" # as measured"));
        Files.writeString(directory.resolve("mine.yaml"), "about: mine\nlike: fast-swap\nthp_fault: 1ms\n");
        ExperimentSource source = ExperimentSource.of(file.toString());
        Files.delete(directory.resolve("mine.yaml"));
        assertEquals(Map.of("costs.swap_page", "1200", "costs.thp_fault", "1000000"), source.load().machines().get(0).settings());
        assertEquals(file + ":5:12: there is no cost table " + directory.resolve("mine.yaml")
                + "; name one beside this file, or one of measured, far-memory, fast-swap",
            assertThrows(BadInput.class, () -> ExperimentSource.of(file.toString())).getMessage());
    }

    @Test
    void whatCanNotBeATableIsTold() throws IOException {
        assertEquals("slow.yaml:5:12: unknown cost table 'far-memry'; did you mean 'far-memory'?",
            assertThrows(BadInput.class, () -> settings("far-memry")).getMessage());
        assertEquals("slow.yaml:5:13: unknown key in a cost table 'anon_faul'; did you mean 'anon_fault'?",
            assertThrows(BadInput.class, () -> settings("{anon_faul: 2us}")).getMessage());
        Path file = Files.writeString(directory.resolve("slow.yaml"), EXPERIMENT.replace("COSTS", "mine.yaml"));
        Files.writeString(directory.resolve("mine.yaml"), "thp_fault: 1KiB\n");
        String message = assertThrows(BadInput.class, () -> ExperimentSource.of(file.toString())).getMessage();
        assertTrue(message.startsWith("mine.yaml:1:12: 'thp_fault': 'KiB' is no unit here; "), message);
        assertEquals("sent.yaml:5:12: 'costs' names the file 'mine.yaml', which only the command line of an experiment in a file can read;"
                + " write the figures here: {anon_fault: 900ns}",
            assertThrows(BadInput.class, () -> SpecLoader.read(EXPERIMENT.replace("COSTS", "mine.yaml").getBytes(StandardCharsets.UTF_8), "sent.yaml"))
                .getMessage());
    }
}
