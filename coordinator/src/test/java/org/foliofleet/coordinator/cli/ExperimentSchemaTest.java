package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.experiment.ExperimentSchema;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadLibrary;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Goal: the schema of experiment files says what the loader says. Method: files that are right, and mistakes, under both. */
class ExperimentSchemaTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonSchema SCHEMA = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(ExperimentSchema.json());
    private static final String GOOD = """
        version: 1
        name: good
        machines:
          - name: host
            nodes: [{memory: 64MiB}]
            processes:
              - name: p
                program:
                  - mmap: {name: buf, size: 1MiB, prot: rw}
                  - write: buf
        assert: [calls_failed == 0]
        """;
    /** What is written in place of what; each is refused for itself. */
    private static final List<List<String>> MISTAKES = List.of(
        List.of("version: 1", "version: 2"), List.of("name: good\n", ""), List.of("name: good", "nam: good"), List.of("name: good", "name: 7up"),
        List.of("memory: 64MiB", "memory: 64"), List.of("memory: 64MiB", "memory: 64MB"), List.of("memory: 64MiB", "memory: 64MiB, cpu: 1"),
        List.of("nodes: [{memory: 64MiB}]", "nodes: {memory: 64MiB}"), List.of("    nodes: [{memory: 64MiB}]\n", ""),
        List.of("nodes: [{memory: 64MiB}]", "nodes: []"), List.of("- name: host", "- name: host\n    count: 0"), List.of("- name: host", "- name: host\n    count: many"),
        List.of("- name: host", "- name: host\n    kernel: {thp: sometimes}"), List.of("- name: host", "- name: host\n    kernel: {thb: always}"),
        List.of("- name: host", "- name: host\n    kernel: {khugepaged: {max_ptes_none: 512}}"), List.of("- name: host", "- name: host\n    kernel: {mthp: {63k: always}}"),
        List.of("- name: host", "- name: host\n    policies: {refcount_bits: 17}"), List.of("- name: host", "- name: host\n    policies: {refcount_bit: 16}"),
        List.of("- name: host", "- name: host\n    policies: {vma_split_trigger: [mlock, maybe]}"), List.of("- name: host", "- name: host\n    costs: slow"),
        List.of("- name: host", "- name: host\n    costs: {anon_fault: 900}"), List.of("- name: host", "- name: host\n    files: [{name: f}]"),
        List.of("- name: host", "- name: host\n    files: [{name: f, size: 1MiB, device: pfm}]"), List.of("- name: host", "- name: host\n    disturb: [{at: 1ms}]"),
        List.of("- name: p\n", "- name: p\n        arrival: {each: 1ms}\n"), List.of("- name: p\n", "- name: p\n        arrival: later\n"),
        List.of("- name: p\n", "- name: p\n        lifetime: 10\n"), List.of("- name: p\n", "- name: p\n        count: -1\n"),
        List.of("- write: buf", "- writ: buf"), List.of("- write: buf", "- write: buf\n            read: buf"), List.of("- write: buf", "- write: buf\n            expect: fine"),
        List.of("- write: buf", "- write: {at: 1GiB}"), List.of("- write: buf", "- write: {in: buf, size: 4}"), List.of("- write: buf", "- write: {in: buf, at: unifrom(0..4KiB)}"),
        List.of("- write: buf", "- madvise: {in: buf}"), List.of("- write: buf", "- madvise: {in: buf, advice: hugepages}"), List.of("- write: buf", "- repeat: {steps: [join]}"),
        List.of("- write: buf", "- wait: 5"), List.of("- write: buf", "- fork: {name: c}"), List.of("- write: buf", "- choose: []"),
        List.of("- write: buf", "- set: {thp: always, shmem: always}"), List.of("- write: buf", "- expect: ok"), List.of("- write: buf", "- munmap"),
        List.of("prot: rw", "prot: wr"), List.of(", prot: rw", ""), List.of("name: buf, ", ""), List.of("calls_failed ==", "calls_faild =="),
        List.of("calls_failed == 0", "calls_failed = 0"), List.of("calls_failed == 0", "refcount_headroom > 5"), List.of("calls_failed == 0", "{that: calls_failed == 0, mark: m}"),
        List.of("assert:", "stop: {at: 5}\nassert:"), List.of("assert:", "stop: {when: done}\nassert:"), List.of("assert:", "run: {hosting: process}\nassert:"),
        List.of("assert:", "run: {placement: {spread: 65}}\nassert:"), List.of("assert:", "run: {epoch: 5 tocks}\nassert:"), List.of("assert:", "summary: [splits]\nassert:"),
        List.of("assert:", "programs: [a]\nassert:"));

    private static List<String> errors(String yaml) {
        Object tree = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        List<String> errors = new ArrayList<>();
        SCHEMA.validate(MAPPER.valueToTree(tree)).forEach(error -> errors.add(error.toString()));
        return errors;
    }

    @Test
    void theSchemaIsOne() {
        JsonSchema meta = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertEquals(List.of(), List.copyOf(meta.validate(ExperimentSchema.json(), InputFormat.JSON)));
    }

    @Test
    void bundledExperimentsAreValid() {
        for (String name : SpecLoader.BUNDLED) {
            assertEquals(List.of(), errors(new String(SpecLoader.text(name).yaml(), StandardCharsets.UTF_8)), name);
        }
    }

    @Test
    void examplesOfThePageAreValid() throws IOException {
        Matcher example = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(Path.of("EXPERIMENTS.md")));
        while (example.find()) {
            String yaml = example.group(1);
            assertEquals(List.of(), errors(ExperimentsPageTest.completed(yaml)), yaml);
        }
    }

    @Test
    void everyMistakeIsRefusedAsByTheLoader() {
        assertEquals(List.of(), errors(GOOD));
        SpecLoader.read(GOOD.getBytes(StandardCharsets.UTF_8), "good.yaml");
        List<String> taken = new ArrayList<>();
        for (List<String> mistake : MISTAKES) {
            String bad = GOOD.replace(mistake.get(0), mistake.get(1));
            try {
                SpecLoader.read(bad.getBytes(StandardCharsets.UTF_8), "bad.yaml");
                taken.add("by the loader: " + mistake);
            } catch (BadInput e) {
                if (errors(bad).isEmpty()) {
                    taken.add("by the schema: " + mistake + ", but " + e.getMessage());
                }
            }
        }
        assertEquals(List.of(), taken);
    }

    @Test
    void workloadsAreCompletedWithTheirParameters() {
        for (String name : WorkloadLibrary.NAMES) {
            String workload = GOOD.replaceAll("(?s)program:.*?assert", "program: {workload: " + name + "}\nassert");
            assertEquals(List.of(), errors(workload), name);
            assertFalse(errors(workload.replace("{workload: " + name, "{colour: 3, workload: " + name)).isEmpty(), name);
        }
    }

    /** Editors show a line beside every key, setting and switch. */
    @Test
    void everyPropertyHasADescription() throws IOException {
        TreeSet<String> silent = new TreeSet<>();
        look(MAPPER.readTree(ExperimentSchema.json()), "", silent);
        silent.removeIf(path -> path.matches(".*/settings/properties/[a-z_]+|.*/set/properties/[a-z_]+"));   // maps of settings
        assertEquals(new TreeSet<>(), silent);
    }

    private static void look(JsonNode node, String path, TreeSet<String> silent) {
        JsonNode properties = node.get("properties");
        if (properties != null && properties.isObject()) {
            properties.fields().forEachRemaining(each -> {
                if (!each.getValue().has("description") && !each.getKey().equals("properties")) {
                    silent.add(path + "/properties/" + each.getKey());
                }
            });
        }
        node.fields().forEachRemaining(each -> look(each.getValue(), path + "/" + each.getKey(), silent));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            look(node.get(i), path, silent);
        }
    }
}
