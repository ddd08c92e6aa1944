package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.ExperimentSpec.Arrival;
import org.foliofleet.protocol.experiment.ExperimentSpec.Cgroup;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.policy.Contradiction;
import org.foliofleet.protocol.policy.Policies;
import org.foliofleet.protocol.policy.Switch;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.DeviceKind;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.SourceLine;

/** Reads machine classes. A class that is {@code like} an earlier one takes over everything it does not say itself. */
final class MachineReader {
    private static final int MAX_NODES = 64;
    private static final int MAX_MACHINES = 1_000_000;
    private static final int MAX_PROCESSES = 1 << 22;

    private final Problems problems;
    private final Values values;
    private final ProgramParser programs;
    private final Map<String, MachineClass> classes = new LinkedHashMap<>();

    MachineReader(Problems problems, ProgramParser programs) {
        this.problems = problems;
        this.values = new Values(problems);
        this.programs = programs;
    }

    List<MachineClass> read(Yaml written) {
        for (Yaml item : values.list(written, "'machines'")) {
            MachineClass machine = machine(item);
            if (classes.putIfAbsent(machine.name(), machine) != null) {
                problems.add(item.at(), "machine class '" + machine.name() + "' stands twice", "give it another name");
            }
        }
        if (classes.isEmpty()) {
            problems.add(written.at(), "there are no machines", "add '- {name: host, nodes: [{memory: 1GiB}], processes: …}'");
        }
        return new ArrayList<>(classes.values());
    }

    private MachineClass machine(Yaml written) {
        Fields f = new Fields(written, "a machine class", problems);
        Yaml name = f.required("name", "write name: host");
        MachineClass like = like(f.optional("like"));
        Yaml count = f.optional("count");
        Yaml nodes = like == null ? f.required("nodes", "write nodes: [{memory: 1GiB, cpus: 2}]") : f.optional("nodes");
        List<NumaNode> nodeList = nodes == null ? like == null ? List.of(new NumaNode(1, 1)) : like.nodes() : nodes(nodes);
        List<List<Integer>> distances = new DistancesReader(problems).read(f.optional("distances"), nodeList.size(), nodes == null ? like : null);
        Yaml swap = f.optional("swap");
        SortedMap<String, String> settings = new TreeMap<>(like == null ? Map.of() : like.settings());
        long swapPages = swap != null ? new SwapReader(problems).read(swap, settings) : like == null ? 0 : like.swapPages();
        Yaml costs = f.optional("costs");
        if (costs != null) {
            settings.putAll(new CostReader(problems).read(costs));
        }
        Yaml kernel = f.optional("kernel");
        if (kernel != null) {
            settings.putAll(new SettingsReader(problems).read(kernel, "'kernel'"));
        }
        settings.entrySet().removeIf(entry ->
            SettingCatalog.named(entry.getKey()).orElseThrow().defaultValue().equals(entry.getValue()));
        Yaml switches = f.optional("policies");
        Policies policies = like == null ? Policies.KERNEL : like.policies();
        policies = switches == null ? policies : policies.with(switches(switches));
        contradictions(policies, switches == null ? written : switches);
        Yaml files = f.optional("files");
        List<FileObject> fileList = files == null ? like == null ? List.of() : like.files() : new FilesReader(problems).read(files, nodeList.size());
        Yaml cgroups = f.optional("cgroups");
        CgroupReader cgroupReader = new CgroupReader(problems);
        List<Cgroup> cgroupList = cgroups == null ? like == null ? List.of() : like.cgroups() : cgroupReader.read(cgroups);
        Yaml processes = like == null ? f.required("processes", "write processes: [{name: p, program: …}]")
            : f.optional("processes");
        List<ProcessGroup> groups = processes == null ? like == null ? List.of() : like.processes()
            : processes(processes, nodeList.size());
        Yaml disturb = f.optional("disturb");
        if (disturb != null) {
            groups = new ArrayList<>(groups);
            groups.removeIf(each -> each.name().startsWith("disturbance-"));
            groups.addAll(new DisturbanceReader(problems, programs).read(disturb, nodeList));
        }
        f.finish();
        cgroupReader.check(cgroupList, groups, processes != null ? processes : cgroups != null ? cgroups : written);
        fileList = withThoseOfWorkloads(fileList, groups);
        PlacementCheck placement = new PlacementCheck(problems, written, nodeList);
        placement.processes(groups);
        placement.settings(settings);
        placement.devices(fileList);
        checkPrograms(groups, fileList, nodeList);
        return new MachineClass(name == null ? "unnamed" : values.name(name, "machine class"),
            count == null ? like == null ? 1 : like.count() : (int) values.integer(count, "'count'", 1, MAX_MACHINES),
            nodeList, distances, swapPages, settings, policies, fileList, cgroupList, groups);
    }

    /** The files of a machine, and those that its workloads need; the largest of one name. */
    private List<FileObject> withThoseOfWorkloads(List<FileObject> own, List<ProcessGroup> groups) {
        Map<String, FileObject> all = new LinkedHashMap<>();
        for (String program : WorkloadPlan.programs(groups).keySet()) {
            for (FileObject file : programs.filesOf(program)) {
                all.merge(file.name(), file, (one, other) -> one.pages() >= other.pages() ? one : other);
            }
        }
        own.forEach(file -> all.put(file.name(), file));
        List<FileObject> ordered = new ArrayList<>(own);
        all.values().stream().filter(file -> !own.contains(file)).forEach(ordered::add);
        return ordered;
    }

    private MachineClass like(Yaml written) {
        if (written == null) {
            return null;
        }
        String other = values.name(written, "machine class");
        MachineClass like = classes.get(other);
        if (like == null) {
            problems.unknown(written.at(), "machine class before this one", other, classes.keySet());
        }
        return like;
    }

    private List<NumaNode> nodes(Yaml written) {
        List<NumaNode> nodes = new ArrayList<>();
        for (Yaml item : values.list(written, "'nodes'")) {
            Fields f = new Fields(item, "a node", problems);
            Yaml memory = f.required("memory", "write memory: 1GiB");
            Yaml cpus = f.optional("cpus");
            Yaml tier = f.optional("tier");
            int slowness = tier == null ? 0 : (int) values.integer(tier, "'tier'", 0, 15);
            f.finish();
            nodes.add(new NumaNode(memory == null ? 1 : values.fixed(memory, "'memory'", Units.PAGES, 1024),
                cpus == null ? 1 : (int) values.integer(cpus, "'cpus'", 0, 4096), slowness == 0 ? null : slowness));
        }
        if (nodes.isEmpty()) {
            problems.add(written.at(), "a machine without nodes", "add at least {memory: 1GiB}");
            nodes.add(new NumaNode(1, 1));
        } else if (nodes.size() > MAX_NODES) {
            problems.add(written.at(), "a machine of " + nodes.size() + " nodes", "write at most " + MAX_NODES);
        } else if (nodes.stream().allMatch(node -> node.cpus() == 0)) {
            problems.add(written.at(), "no node has a cpu", "give one node cpus: 1");
        }
        return nodes;
    }

    private Map<Switch, String> switches(Yaml written) {
        Map<Switch, String> chosen = new TreeMap<>();
        if (!(written instanceof Yaml.Mapping map)) {
            problems.add(written.at(), "'policies' is " + written.kind(), "write a map: {refcount_bits: 16}");
            return chosen;
        }
        for (Yaml.Entry entry : map.entries()) {
            Optional<Switch> found = Switch.named(entry.key().text());
            if (found.isEmpty()) {
                problems.unknown(entry.key().at(), "switch", entry.key().text(),
                    Arrays.stream(Switch.values()).map(Switch::key).toList());
                continue;
            }
            Switch key = found.get();
            String text = entry.value() instanceof Yaml.Scalar scalar ? scalar.text()
                : entry.value() instanceof Yaml.Sequence sequence ? joined(sequence) : "";
            Optional<String> value = key.accepted().canonical(text);
            if (value.isEmpty()) {
                problems.add(entry.value().at(), "switch '" + key.key() + "' is " + entry.value().kind(),
                    "write " + (key.accepted().subset() ? "" : "one of ") + key.accepted().describe());
            } else if (!key.models(value.get())) {
                problems.add(entry.value().at(), "switch '" + key.key() + "' at '" + value.get() + "' is not modelled yet",
                    "leave it at " + String.join(" or ", key.modelledValues()));
            } else {
                chosen.put(key, value.get());
            }
        }
        return chosen;
    }

    /** Each at the switch that is in vain, or, if that is taken over from another class, at what makes it so. */
    private void contradictions(Policies policies, Yaml written) {
        for (Contradiction each : policies.contradictions()) {
            SourceLine at = written.at();
            if (written instanceof Yaml.Mapping map) {
                at = map.entries().stream().filter(entry -> entry.key().text().equals(each.culprit().key())).findFirst()
                    .map(entry -> entry.key().at()).orElse(at);
            }
            problems.add(at, "switch " + each.what(), each.remedy());
        }
    }

    private static String joined(Yaml.Sequence list) {
        List<String> words = new ArrayList<>();
        list.items().forEach(item -> words.add(item instanceof Yaml.Scalar scalar ? scalar.text() : "?"));
        return String.join(",", words);
    }

    private List<ProcessGroup> processes(Yaml written, int nodes) {
        Map<String, ProcessGroup> groups = new LinkedHashMap<>();
        for (Yaml item : values.list(written, "'processes'")) {
            ProcessGroup group = group(new Fields(item, "a process group", problems), nodes);
            if (groups.putIfAbsent(group.name(), group) != null) {
                problems.add(item.at(), "process group '" + group.name() + "' stands twice", "give it another name");
            }
        }
        if (groups.isEmpty()) {
            problems.add(written.at(), "a machine without processes", "add '- {name: p, program: …}'");
        }
        return new ArrayList<>(groups.values());
    }

    private ProcessGroup group(Fields f, int nodes) {
        Yaml name = f.required("name", "write name: worker");
        String own = name == null ? "unnamed" : values.name(name, "process group");
        Yaml count = f.optional("count");
        Yaml arrival = f.optional("arrival");
        Yaml lifetime = f.optional("lifetime");
        Yaml node = f.optional("node");
        Yaml cgroup = f.optional("cgroup");
        Yaml program = f.required("program", "name one of 'programs', or write its steps");
        f.finish();
        boolean spread = node instanceof Yaml.Scalar scalar && scalar.text().equals("spread");
        return new ProcessGroup(own, count == null ? 1 : (int) values.integer(count, "'count'", 1, MAX_PROCESSES),
            arrival == null ? new Arrival.At(0) : arrival(arrival),
            lifetime == null ? null : values.amount(lifetime, "'lifetime'", Units.NANOS, List.of(), 0),
            node == null ? 0 : spread ? ProcessGroup.SPREAD : (int) values.integer(node, "'node'", 0, nodes - 1L),
            cgroup == null ? "" : values.name(cgroup, "cgroup"),
            program == null ? new Program(own, List.of()) : programs.programOf(program, "process " + own));
    }

    private Arrival arrival(Yaml written) {
        if (written instanceof Yaml.Scalar) {
            values.word(written, "'arrival'", List.of("at once"));
            return new Arrival.At(0);
        }
        Fields f = new Fields(written, "'arrival'", problems);
        Yaml every = f.optional("every");
        Yaml at = f.optional("at");
        f.finish();
        if (f.isMap() && (every == null) == (at == null)) {
            problems.add(f.at(), "'arrival' needs one time", "write 'at once', {at: 1ms} or {every: exponential(1ms)}");
        }
        if (every != null) {
            Amount pause = values.amount(every, "'every'", Units.NANOS, List.of(), 0);
            return new Arrival.Every(pause);
        }
        return new Arrival.At(at == null ? 0 : values.fixed(at, "'at'", Units.NANOS, 0));
    }

    private void checkPrograms(List<ProcessGroup> groups, List<FileObject> files, List<NumaNode> nodes) {
        SortedMap<String, Long> filePages = new TreeMap<>();
        SortedMap<String, DeviceKind> devices = new TreeMap<>();
        files.forEach(file -> {
            if (file.device() == null) {
                filePages.put(file.name(), file.pages());
            } else {
                devices.put(file.name(), file.device().kind());
            }
        });
        for (ProcessGroup group : groups) {
            new ProgramCheck(problems, new ProgramCheck.Surroundings(filePages, devices, nodes)).check(group.program());
        }
    }
}
