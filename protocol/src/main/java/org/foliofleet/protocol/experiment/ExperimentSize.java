package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;

/**
 * How large an experiment is, about, before it is run: from means of what its programs draw. Numbers of processes and VMAs are
 * those that live at once if all processes of a group meet; where they come one after the other there are fewer.
 *
 * @param classes   each class of machines, all of its machines together
 * @param heapBytes what their state takes in JVMs, if all machines run at once
 */
public record ExperimentSize(List<ClassSize> classes, long machines, long lived, long processes, long vmas, long memoryPages, long swapPages, long mappedPages,
                             long heapBytes) {
    // Measured: node/BENCHMARKS.md
    private static final long ACTOR_VMA = 950;
    private static final long PLAIN_VMA = 350;
    private static final long ACTOR_PROCESS = 6L << 10;
    private static final long PLAIN_PROCESS = 3L << 10;
    private static final long MACHINE = 160L << 10;

    public ExperimentSize {
        classes = List.copyOf(classes);
    }

    /**
     * @param lived       processes that live
     * @param processes   at once, at most
     * @param vmas        at once, at most
     * @param memoryPages of all nodes
     * @param mappedPages by all processes, at most
     */
    public record ClassSize(String name, long machines, long lived, long processes, long vmas, long memoryPages, long swapPages, long mappedPages) {}

    public static ExperimentSize of(ExperimentSpec spec) {
        List<ClassSize> classes = new ArrayList<>();
        spec.machines().forEach(each -> classes.add(of(each)));
        long vmas = classes.stream().mapToLong(ClassSize::vmas).sum();
        long processes = classes.stream().mapToLong(ClassSize::processes).sum();
        boolean actors = spec.execution().hosting() == Hosting.OWNER;
        long machines = spec.machineCount();
        return new ExperimentSize(classes, machines, classes.stream().mapToLong(ClassSize::lived).sum(), processes, vmas,
            classes.stream().mapToLong(ClassSize::memoryPages).sum(), classes.stream().mapToLong(ClassSize::swapPages).sum(),
            classes.stream().mapToLong(ClassSize::mappedPages).sum(),
            vmas * (actors ? ACTOR_VMA : PLAIN_VMA) + processes * (actors ? ACTOR_PROCESS : PLAIN_PROCESS) + machines * MACHINE);
    }

    private static ClassSize of(MachineClass machines) {
        double lived = 0;
        double processes = 0;
        double vmas = 0;
        double pages = 0;
        for (ProcessGroup group : machines.processes()) {
            ProgramSize.Size size = ProgramSize.of(group.program());
            lived += group.count() * size.lived();
            processes += group.count() * size.processes();
            vmas += group.count() * size.vmas();
            pages += group.count() * size.pages();
        }
        long count = machines.count();
        long memory = machines.nodes().stream().mapToLong(NumaNode::memoryPages).sum();
        return new ClassSize(machines.name(), count, Math.round(count * lived), Math.round(count * processes), Math.round(count * vmas),
            count * memory, count * machines.swapPages(), Math.round(count * pages));
    }
}
