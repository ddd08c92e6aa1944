package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.api.Test;

/** Goal: what EXPERIMENTS.md teaches can be read. Method: each example of the page, completed where it is a part. */
class ExperimentsPageTest {
    private static final String HEAD = "version: 1\nname: example\n";
    private static final String MACHINES = "machines: [{name: host, nodes: [{memory: 1GiB}], processes: [{name: p, program: server}]}]\n";

    /** An example that is a part of an experiment, with the rest. */
    static String completed(String yaml) {
        return yaml.startsWith("version") ? yaml : HEAD + (yaml.startsWith("machines") ? "" : MACHINES) + yaml;
    }

    @Test
    void everyExampleIsAnExperiment() throws IOException {
        String page = Files.readString(Path.of("EXPERIMENTS.md"), StandardCharsets.UTF_8);
        List<String> names = new ArrayList<>();
        Matcher example = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(page);
        while (example.find()) {
            String yaml = example.group(1);
            names.add(SpecLoader.read(completed(yaml).getBytes(StandardCharsets.UTF_8), "EXPERIMENTS.md").name());
        }
        assertEquals(List.of("touch", "half-of-a-thp", "example", "merge-and-intercept", "example", "slow-swap", "ring", "two-tenants", "touched-in-epochs", "two-servers", "fleet", "disturbed"), names);
        Matcher amount = Pattern.compile("`((?:uniform|zipf|one_of)\\([^`]*\\))`").matcher(page);
        int amounts = 0;
        while (amount.find()) {
            String written = amount.group(1).split("`")[0].replace("\\|", "|");
            SpecLoader.read((HEAD + MACHINES + "programs: {server: [{munmap: {at: 0, size: '" + written + "'}}]}\n")
                    .getBytes(StandardCharsets.UTF_8), written);
            amounts++;
        }
        assertTrue(amounts >= 4, "the page shows distributions");
    }
}
