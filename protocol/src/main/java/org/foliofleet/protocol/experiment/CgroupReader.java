package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.experiment.ExperimentSpec.Cgroup;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.message.Memcg;

/** Reads the memory cgroups of a machine class. */
final class CgroupReader {
    /** A copy needs the page that it is made of; this leaves room for more of that. */
    private static final long MIN_PAGES = 16;

    private final Problems problems;
    private final Values values;

    CgroupReader(Problems problems) {
        this.problems = problems;
        this.values = new Values(problems);
    }

    List<Cgroup> read(Yaml written) {
        Map<String, Cgroup> cgroups = new LinkedHashMap<>();
        for (Yaml item : values.list(written, "'cgroups'")) {
            Cgroup cgroup = cgroup(new Fields(item, "a cgroup", problems));
            if (cgroups.putIfAbsent(cgroup.name(), cgroup) != null) {
                problems.add(item.at(), "cgroup '" + cgroup.name() + "' stands twice", "give it another name");
            }
        }
        if (cgroups.size() > Memcg.MAX_CGROUPS) {
            problems.add(written.at(), "a machine of " + cgroups.size() + " cgroups", "write at most " + Memcg.MAX_CGROUPS);
        }
        return new ArrayList<>(cgroups.values());
    }

    private Cgroup cgroup(Fields f) {
        Yaml name = f.required("name", "write name: web");
        Yaml max = f.optional("max");
        f.finish();
        return new Cgroup(name == null ? "unnamed" : values.name(name, "cgroup"), max == null ? 0 : max(max));
    }

    private long max(Yaml written) {
        long pages = values.fixed(written, "'max'", Units.PAGES, 1);
        if (pages < MIN_PAGES) {
            problems.add(written.at(), "nothing can run in a cgroup of " + pages * 4 + " KiB", "write max: 64KiB or more, or leave it out for no limit");
        }
        return pages;
    }

    /**
     * Each group names a cgroup that there is, or none.
     *
     * @param written where processes, or else cgroups, or else the class stand
     */
    void check(List<Cgroup> cgroups, List<ProcessGroup> groups, Yaml written) {
        List<String> names = cgroups.stream().map(Cgroup::name).toList();
        for (ProcessGroup group : groups) {
            if (!group.cgroup().isEmpty() && !names.contains(group.cgroup())) {
                Yaml place = place(written, group.name());
                problems.unknown(place.at(), "cgroup of process group '" + group.name() + "':", group.cgroup(), names);
            }
        }
    }

    /** The word that names the cgroup, if it is here. */
    private static Yaml place(Yaml written, String group) {
        if (written instanceof Yaml.Sequence sequence) {
            for (Yaml item : sequence.items()) {
                if (item instanceof Yaml.Mapping map && map.entries().stream().anyMatch(entry -> entry.key().text().equals("name")
                    && entry.value() instanceof Yaml.Scalar name && name.text().equals(group))) {
                    return map.entries().stream().filter(entry -> entry.key().text().equals("cgroup")).findFirst()
                        .map(Yaml.Entry::value).orElse(item);
                }
            }
        }
        return written;
    }
}
