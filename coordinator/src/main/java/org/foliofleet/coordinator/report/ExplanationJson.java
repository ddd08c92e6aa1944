package org.foliofleet.coordinator.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.foliofleet.protocol.experiment.ExperimentSize;
import org.foliofleet.protocol.experiment.ExperimentSize.ClassSize;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.Metric.Unit;

/** An experiment as it will be run, for programs. Memory is in pages of 4 KiB, times are in nanoseconds. */
public final class ExplanationJson {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ExplanationJson() {}

    public static String of(ExperimentSpec spec) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("name", spec.name()).put("about", spec.about()).put("digest", spec.digest()).put("seed", spec.seed()).put("tick_nanos", spec.tickNanos());
        ArrayNode classes = root.putArray("machines");
        spec.machines().forEach(machines -> machines(machines, classes.addObject()));
        ObjectNode programs = root.putObject("programs");
        ExplanationText.programs(spec).forEach((name, program) -> {
            ArrayNode steps = programs.putArray(name);
            ProgramText.of(program).stripIndent().lines().forEach(steps::add);
        });
        root.put("stop", ExplanationText.stop(spec));
        ArrayNode assertions = root.putArray("assert");
        spec.assertions().forEach(each -> assertions.addObject().put("that", each.text()).put("at", each.mark()).put("machines", each.machines()));
        size(ExperimentSize.of(spec), root.putObject("size"));
        try {
            return MAPPER.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }

    private static void machines(MachineClass machines, ObjectNode node) {
        node.put("name", machines.name()).put("count", machines.count()).put("swap_pages", machines.swapPages());
        ArrayNode nodes = node.putArray("nodes");
        machines.nodes().forEach(each -> nodes.addObject().put("memory_pages", each.memoryPages()).put("cpus", each.cpus()).put("tier", each.tier()));
        node.set("distances", MAPPER.valueToTree(machines.distances()));
        node.set("kernel", MAPPER.valueToTree(machines.settings()));
        ObjectNode policies = node.putObject("policies");
        machines.policies().departures().forEach((key, value) -> policies.put(key.key(), value));
        ArrayNode files = node.putArray("files");
        machines.files().forEach(file -> files.addObject().put("name", file.name()).put("pages", file.pages()).put("shmem", file.shmem())
                .put("device", file.device() == null ? null : file.device().kind().word()));
        ArrayNode groups = node.putArray("processes");
        machines.processes().forEach(group -> groups.addObject().put("name", group.name()).put("count", group.count()).put("program", group.program().name())
                .put("arrival", ExplanationText.arrival(group.arrival())).put("lifetime", group.lifetime() == null ? null : AmountText.of(group.lifetime(), Unit.NANOS))
                .put("node", group.node()));
    }

    private static void size(ExperimentSize size, ObjectNode node) {
        node.put("machines", size.machines()).put("processes", size.processes()).put("processes_in_all", size.lived()).put("vmas", size.vmas())
                .put("memory_pages", size.memoryPages()).put("swap_pages", size.swapPages()).put("mapped_pages", size.mappedPages()).put("heap_bytes", size.heapBytes());
        ArrayNode classes = node.putArray("classes");
        for (ClassSize each : size.classes()) {
            classes.add(MAPPER.valueToTree(each));
        }
    }
}
