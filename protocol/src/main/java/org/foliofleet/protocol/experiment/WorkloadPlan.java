package org.foliofleet.protocol.experiment;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.foliofleet.protocol.experiment.ExperimentSpec.Cgroup;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.Step;

/**
 * What is to run on one machine of an experiment: the part of the specification that programs depend on, and no policy.
 *
 * @param seed      of all draws
 * @param ordinal   number of the machine in its class: classes that differ in a policy see the same workload
 * @param tickNanos length of a tick
 * @param nodes     NUMA nodes of the machine
 * @param cpuless   those of them that have no CPU
 */
public record WorkloadPlan(long seed, long ordinal, long tickNanos, int nodes, List<FileObject> files, List<Cgroup> cgroups,
        List<ProcessGroup> groups, List<Integer> cpuless) {
    public WorkloadPlan {
        files = List.copyOf(files);
        cgroups = List.copyOf(cgroups);
        groups = List.copyOf(groups);
        cpuless = List.copyOf(cpuless);
    }

    public static WorkloadPlan of(ExperimentSpec spec, MachineClass machines, int ordinal) {
        return new WorkloadPlan(spec.seed(), ordinal, spec.tickNanos(), machines.nodes().size(), machines.files(), machines.cgroups(), machines.processes(),
            IntStream.range(0, machines.nodes().size()).filter(node -> machines.nodes().get(node).cpus() == 0).boxed().toList());
    }

    /** The node on which a process of a group begins: one that has a CPU. */
    public int nodeOf(ProcessGroup group, int index) {
        if (group.node() != ProcessGroup.SPREAD) {
            return group.node();
        }
        int place = index % (nodes - cpuless.size());
        int node = 0;
        while (cpuless.contains(node) || place-- > 0) {
            node++;
        }
        return node;
    }

    /** Nanoseconds in ticks, rounded up. */
    public long ticks(long nanos) {
        return nanos / tickNanos + (nanos % tickNanos == 0 ? 0 : 1);
    }

    /** SHA-256 of the canonical form, in hexadecimal. */
    public String digest() {
        return CanonicalForm.digest(this);
    }

    /** All programs by name: those of the groups, and those that they run or that their children run. */
    public Map<String, Program> programs() {
        return programs(groups);
    }

    static Map<String, Program> programs(List<ProcessGroup> groups) {
        Map<String, Program> programs = new TreeMap<>();
        groups.forEach(group -> collect(group.program(), programs));
        return programs;
    }

    private static void collect(Program program, Map<String, Program> programs) {
        if (programs.putIfAbsent(program.name(), program) == null) {
            collect(program.steps(), programs);
        }
    }

    private static void collect(List<Step> steps, Map<String, Program> programs) {
        for (Step step : steps) {
            if (step instanceof Step.Fork fork) {
                collect(fork.child(), programs);
            } else if (step instanceof Step.Thread thread) {
                collect(thread.program(), programs);
            } else if (step instanceof Step.Perform perform) {
                collect(perform.program(), programs);
            } else if (step instanceof Step.Repeat repeat) {
                collect(repeat.steps(), programs);
            } else if (step instanceof Step.Choose choose) {
                choose.options().forEach(option -> collect(option.steps(), programs));
            }
        }
    }
}
