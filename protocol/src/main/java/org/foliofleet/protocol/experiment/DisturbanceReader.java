package org.foliofleet.protocol.experiment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.foliofleet.protocol.experiment.ExperimentSpec.Arrival;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;

/**
 * Reads what takes memory of a machine away for a while: {@code {at: 5ms, take: {node: 1, memory: 512MiB}, for: 10ms}}. It becomes
 * a process that locks so much memory of that node, so that the rest has to do with what is left.
 */
final class DisturbanceReader {
    private final Problems problems;
    private final Values values;
    private final ProgramParser programs;

    DisturbanceReader(Problems problems, ProgramParser programs) {
        this.problems = problems;
        this.values = new Values(problems);
        this.programs = programs;
    }

    List<ProcessGroup> read(Yaml written, List<NumaNode> nodes) {
        List<ProcessGroup> groups = new ArrayList<>();
        for (Yaml item : values.list(written, "'disturb'")) {
            groups.add(disturbance(item, "disturbance-" + (groups.size() + 1), nodes));
        }
        return groups;
    }

    private ProcessGroup disturbance(Yaml item, String name, List<NumaNode> nodes) {
        Fields f = new Fields(item, "a disturbance", problems);
        Yaml at = f.required("at", "write at: 5ms");
        Yaml take = f.required("take", "write take: {memory: 512MiB}");
        Yaml duration = f.required("for", "write for: 10ms");
        long start = at == null ? 0 : values.fixed(at, "'at'", Units.NANOS, 0);
        long nanos = duration == null ? 1 : values.fixed(duration, "'for'", Units.NANOS, 1);
        f.finish();
        long pages = 1;
        int node = 0;
        if (take != null) {
            Fields taken = new Fields(take, "'take'", problems);
            Yaml memory = taken.required("memory", "write memory: 512MiB");
            Yaml from = taken.optional("node");
            taken.finish();
            pages = memory == null ? 1 : values.fixed(memory, "'memory'", Units.PAGES, 1);
            node = from == null ? 0 : (int) values.integer(from, "'node'", 0, nodes.size() - 1L);
            if (pages > nodes.get(node).memoryPages()) {
                problems.add(memory.at(), "node " + node + " has less memory than that", "take at most " + nodes.get(node).memoryPages() / 256 + "MiB");
            }
        }
        int cpu = nodes.get(node).cpus() > 0 ? node : IntStream.range(0, nodes.size()).filter(each -> nodes.get(each).cpus() > 0).findFirst().orElse(0);
        String steps = "[{mempolicy: {mode: bind, nodes: [" + node + "]}}, {mmap: {name: taken, size: " + pages + "pages, prot: rw}},"
            + " {madvise: {in: taken, advice: hugepage}}, {mlock: taken}, {wait: " + nanos + "ns}]";
        Yaml program = new Parameters(problems).in(YamlReader.read(steps.getBytes(StandardCharsets.UTF_8), name), item.at());
        return new ProcessGroup(name, 1, new Arrival.At(start), null, cpu, "", programs.programOf(program, name));
    }
}
