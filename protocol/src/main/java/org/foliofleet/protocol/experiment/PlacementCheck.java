package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.program.SourceLine;

/** Finds what is placed on nodes that a machine does not have, or that cannot take it. */
final class PlacementCheck {
    private static final String WEIGHT = "weight ";

    private final Problems problems;
    private final Yaml machine;
    private final List<NumaNode> nodes;

    /** @param machine as it was written; what it does not say it has taken over from another class */
    PlacementCheck(Problems problems, Yaml machine, List<NumaNode> nodes) {
        this.problems = problems;
        this.machine = machine;
        this.nodes = nodes;
    }

    /** A process begins on a CPU of its node. */
    void processes(List<ProcessGroup> groups) {
        for (ProcessGroup group : groups) {
            SourceLine line = at("processes", group.name(), "node");
            if (group.node() >= nodes.size()) {
                problems.add(line, "process group '" + group.name() + "' begins on node " + group.node() + ", which the machine does not have", existing());
            } else if (group.node() != ProcessGroup.SPREAD && nodes.get(group.node()).cpus() == 0) {
                problems.add(line, "process group '" + group.name() + "' begins on node " + group.node() + ", which has no cpu",
                    "choose node " + withCpus() + ", or give that one cpus: 1");
            }
        }
    }

    /** Weights of interleaving are those of nodes. */
    void settings(SortedMap<String, String> settings) {
        for (String key : settings.keySet()) {
            if (isOfAbsentNode(key, nodes.size())) {
                problems.add(at("kernel", key, null), absent(key), existing());
            }
        }
    }

    /** Whether a setting is that of a node, and there are not so many. */
    static boolean isOfAbsentNode(String key, int nodes) {
        return key.startsWith(WEIGHT) && Integer.parseInt(key.substring(WEIGHT.length())) >= nodes;
    }

    /** What is wrong with such a setting. */
    static String absent(String key) {
        return "'" + key + "' is of a node that the machine does not have";
    }

    /** Drivers have their memory from the beginning. */
    void devices(List<FileObject> files) {
        long all = nodes.stream().mapToLong(NumaNode::memoryPages).sum();
        long devices = 0;
        for (FileObject file : files) {
            if (file.device() == null) {
                continue;
            }
            devices += file.pages();
            SourceLine line = at("files", file.name(), "node");
            if (file.device().node() >= nodes.size()) {
                problems.add(line, "device '" + file.name() + "' has its memory on node " + file.device().node() + ", which the machine does not have", existing());
            }
            if (devices >= all) {
                problems.add(line, "with device '" + file.name() + "' drivers have all memory of the machine", "give 'nodes' more memory");
                return;
            }
        }
    }

    private String existing() {
        return "the machine has nodes 0 to " + (nodes.size() - 1);
    }

    private String withCpus() {
        List<String> able = new ArrayList<>();
        for (int node = 0; node < nodes.size(); node++) {
            if (nodes.get(node).cpus() > 0) {
                able.add(Integer.toString(node));
            }
        }
        return String.join(" or ", able);
    }

    /** Where a part is written: an entry of that name, or the key of a list's item that has this name; else the machine. */
    private SourceLine at(String section, String name, String key) {
        Yaml written = value(machine, section);
        SourceLine line = machine.at();
        if (written instanceof Yaml.Mapping map) {
            for (Yaml.Entry entry : map.entries()) {
                if (entry.key().text().equals(name)) {
                    return entry.value().at();
                }
                Yaml inner = name.startsWith(entry.key().text() + " ") ? value(entry.value(), name.substring(entry.key().text().length() + 1)) : null;
                if (inner != null) {
                    return inner.at();
                }
            }
        } else if (written instanceof Yaml.Sequence list) {
            for (Yaml item : list.items()) {
                if (value(item, "name") instanceof Yaml.Scalar own && own.text().equals(name)) {
                    Yaml found = value(item, key);
                    return found == null ? item.at() : found.at();
                }
            }
        }
        return line;
    }

    private static Yaml value(Yaml map, String key) {
        return map instanceof Yaml.Mapping mapping ? mapping.entries().stream().filter(entry -> entry.key().text().equals(key)).findFirst()
            .map(Yaml.Entry::value).orElse(null) : null;
    }
}
