package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.ExperimentSize;
import org.foliofleet.protocol.experiment.ExperimentSize.ClassSize;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.Arrival;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.experiment.Metric.Unit;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.program.Program;

/** An experiment as it will be run, for people. */
public final class ExplanationText {
    private static final int WIDTH = 100;

    private final StringBuilder text = new StringBuilder();

    private ExplanationText() {}

    public static String of(ExperimentSpec spec) {
        ExplanationText written = new ExplanationText();
        written.experiment(spec);
        return written.text.toString();
    }

    /** How large it is, in one line. */
    public static String line(ExperimentSize size) {
        return Quantities.grouped(size.machines()) + " machine" + (size.machines() == 1 ? "" : "s") + " with "
                + Quantities.size(size.memoryPages() * 4) + ", about " + Quantities.grouped(size.processes()) + " processes and "
                + Quantities.grouped(size.vmas()) + " VMAs at once, " + Quantities.of(size.heapBytes(), Unit.BYTES) + " of heap";
    }

    private void experiment(ExperimentSpec spec) {
        line(spec.name() + ", seed " + spec.seed() + ", ticks of " + Quantities.time(spec.tickNanos()));
        if (!spec.about().isEmpty()) {
            TextWrap.lines(spec.about(), WIDTH).forEach(this::line);
        }
        line("digest " + spec.digest());
        spec.machines().forEach(this::machines);
        line("");
        line("Programs");
        programs(spec).forEach((name, program) -> {
            line("  " + name);
            text.append(ProgramText.of(program));
        });
        line("");
        line("Stop: " + stop(spec));
        for (Assertion each : spec.assertions()) {
            line("Must hold: " + each.text() + (each.mark().isEmpty() ? "" : " at '" + each.mark() + "'")
                    + (each.machines().isEmpty() ? "" : " in " + each.machines()));
        }
        Execution run = spec.execution();
        line("Run: an actor for every " + (run.hosting() == Execution.Hosting.OWNER ? "owner" : "machine") + ", "
                + (run.lanes() == 1 ? "colocated" : "over " + run.lanes() + " lanes") + ", epochs of " + Quantities.grouped(run.epochTicks()) + " ticks");
        size(ExperimentSize.of(spec));
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void machines(MachineClass machines) {
        line("");
        line("Machines " + machines.name() + ": " + Quantities.grouped(machines.count()));
        List<String> nodes = new ArrayList<>();
        for (NumaNode node : machines.nodes()) {
            nodes.add(Quantities.size(node.memoryPages() * 4) + " with " + node.cpus() + " cpus" + (node.tier() == 0 ? "" : ", tier " + node.tier()));
        }
        line("  nodes: " + String.join("; ", nodes) + (machines.swapPages() == 0 ? "; no swap" : "; swap " + Quantities.size(machines.swapPages() * 4)));
        if (nodes.size() > 1) {
            line("  distances: " + machines.distances());
        }
        line("  kernel: " + (machines.settings().isEmpty() ? "as it is by default" : pairs(machines.settings())));
        Map<String, String> switches = new TreeMap<>();
        machines.policies().departures().forEach((key, value) -> switches.put(key.key(), value));
        line("  switches: " + (switches.isEmpty() ? "Linux 6.18" : pairs(switches)));
        for (FileObject file : machines.files()) {
            line("  file " + file.name() + ": " + Quantities.size(file.pages() * 4) + (file.shmem() ? ", memfd" : file.device() == null ? "" : ", device "
                    + file.device().kind().word()));
        }
        for (ProcessGroup group : machines.processes()) {
            line("  " + group.name() + ": " + Quantities.grouped(group.count()) + " × " + group.program().name() + ", " + arrival(group.arrival())
                    + (group.lifetime() == null ? "" : ", for " + AmountText.of(group.lifetime(), Unit.NANOS))
                    + (group.node() == ProcessGroup.SPREAD ? ", spread over nodes" : machines.nodes().size() == 1 ? "" : ", on node " + group.node()));
        }
    }

    private static String pairs(Map<String, String> pairs) {
        List<String> all = new ArrayList<>();
        pairs.forEach((key, value) -> all.add(key + " = " + value));
        return String.join(", ", all);
    }

    static String arrival(Arrival arrival) {
        if (arrival instanceof Arrival.Every every) {
            return "one every " + AmountText.of(every.nanos(), Unit.NANOS);
        }
        long nanos = ((Arrival.At) arrival).nanos();
        return nanos == 0 ? "from the beginning" : "at " + Quantities.time(nanos);
    }

    static Map<String, Program> programs(ExperimentSpec spec) {
        Map<String, Program> programs = new TreeMap<>();
        spec.machines().forEach(machines -> programs.putAll(WorkloadPlan.of(spec, machines, 0).programs()));
        return programs;
    }

    static String stop(ExperimentSpec spec) {
        List<String> when = new ArrayList<>();
        if (spec.stop().whenIdle()) {
            when.add("when all programs are over");
        }
        if (spec.stop().nanos() >= 0) {
            when.add("at " + Quantities.time(spec.stop().nanos()));
        }
        if (spec.stop().ticks() >= 0) {
            when.add("after " + Quantities.grouped(spec.stop().ticks()) + " ticks");
        }
        return String.join(", or ", when);
    }

    private void size(ExperimentSize size) {
        line("");
        line("Size, about, if all processes of a group live at once");
        TextTable table = new TextTable(1);
        table.row("machines", "count", "memory", "swap", "processes", "in all", "VMAs", "mapped");
        for (ClassSize each : size.classes()) {
            table.row(each.name(), Quantities.grouped(each.machines()), Quantities.size(each.memoryPages() * 4), Quantities.size(each.swapPages() * 4),
                    Quantities.grouped(each.processes()), Quantities.grouped(each.lived()), Quantities.grouped(each.vmas()), Quantities.size(each.mappedPages() * 4));
        }
        text.append(table);
        line("heap for all machines at once: about " + Quantities.of(size.heapBytes(), Unit.BYTES) + "; give JVMs twice that");
    }
}
