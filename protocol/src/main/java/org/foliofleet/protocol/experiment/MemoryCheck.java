package org.foliofleet.protocol.experiment;

import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;

/**
 * Finds machines whose memory is certainly too small for one of their processes. Whoever wants to see what becomes of that names
 * {@code oom_kills} in an assertion or in the summary.
 */
final class MemoryCheck {
    private static final int PAGES_PER_MIB = 256;

    private final Problems problems;

    MemoryCheck(Problems problems) {
        this.problems = problems;
    }

    void check(List<MachineClass> classes, Stop stop, List<Assertion> assertions, List<MetricKey> summary) {
        boolean meant = summary.stream().anyMatch(key -> key.metric() == Metric.OOM_KILLS)
            || assertions.stream().anyMatch(each -> each.metric().metric() == Metric.OOM_KILLS);
        if (meant || stop.nanos() >= 0 || stop.ticks() >= 0) {
            return;                         // it may end before
        }
        classes.forEach(this::check);
    }

    private void check(MachineClass machines) {
        long memory = machines.nodes().stream().mapToLong(NumaNode::memoryPages).sum();
        for (ProcessGroup group : machines.processes()) {
            if (group.lifetime() != null) {
                continue;
            }
            MemoryNeed need = MemoryNeed.of(group.program());
            if (need.locked().pages() > memory) {
                problems.add(need.locked().line(), "a process '" + group.name() + "' has " + mebibytes(need.locked().pages()) + " of memory locked here, machine '"
                    + machines.name() + "' has " + mebibytes(memory), "give 'nodes' more memory, lock less, or name 'oom_kills' in 'summary' if that is meant");
            } else if (need.written().pages() > memory + machines.swapPages()) {
                problems.add(need.written().line(), "a process '" + group.name() + "' has written " + mebibytes(need.written().pages())
                    + " of its memory here, machine '" + machines.name() + "' has " + mebibytes(memory) + " and " + mebibytes(machines.swapPages())
                    + " of swap", "give 'nodes' more memory, or 'swap', write less, or name 'oom_kills' in 'summary' if that is meant");
            }
        }
    }

    private static String mebibytes(long pages) {
        return (pages + PAGES_PER_MIB - 1) / PAGES_PER_MIB + " MiB";
    }
}
