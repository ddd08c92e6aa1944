package org.foliofleet.node.local;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.node.workload.SimulatedMachine;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/** A {@link Machine} on the caller's thread, run tick by tick until its programs are over or its time is. */
public final class LocalMachine implements SimulatedMachine {
    private final Machine machine;
    private final WorkloadPlan plan;
    private final Stop stop;
    /** Marks and failures that were looked at. */
    private int marksSeen;
    private int failuresSeen;
    private String end = "";
    private long endNanos;

    /** @param machine started with the plan, or restored from a snapshot of one that was */
    public LocalMachine(Machine machine, WorkloadPlan plan, Stop stop) {
        this.machine = machine;
        this.plan = plan;
        this.stop = stop;
        marksSeen = machine.workload().marks().size();
        failuresSeen = machine.workload().failures().size();
    }

    public Machine machine() {
        return machine;
    }

    @Override
    public boolean run(long ticks) {
        return run(ticks, true);
    }

    /** Runs on like {@link #run}, but looks at nothing: the machine is left to itself, and its marks stay without metrics. */
    boolean runUnmeasured(long ticks) {
        return run(ticks, false);
    }

    private boolean run(long ticks, boolean measured) {
        for (long i = 0; i < ticks && end.isEmpty(); i++) {
            if (!hasEnded()) {
                machine.step();
                if (measured) {
                    look();
                }
            }
        }
        return !end.isEmpty();
    }

    private boolean hasEnded() {
        Workload workload = machine.workload();
        if (machine.isQuiet() || stop.whenIdle() && workload.isOver() && machine.isIdle()) {
            return end(workload.livingProcesses() == 0 ? "all programs are over" : workload.livingProcesses() + " processes wait for ever",
                    nanos());
        }
        if (stop.nanos() >= 0 && workload.nanos(machine.nextTick()) > plan.ticks(stop.nanos()) * plan.tickNanos()) {
            return end("the time is over", plan.ticks(stop.nanos()) * plan.tickNanos());
        }
        if (stop.ticks() >= 0 && machine.ticks() >= stop.ticks()) {
            return end("the ticks are over", nanos());
        }
        return false;
    }

    private boolean end(String why, long nanos) {
        end = why;
        endNanos = nanos;
        return true;
    }

    /**
     * Looks at what the tick that is over brought: what the last call of a process at a mark sent to other owners has
     * arrived by now.
     */
    private void look() {
        Workload workload = machine.workload();
        for (; marksSeen < workload.marks().size(); marksSeen++) {
            workload.measured(marksSeen, metrics().values());
        }
        for (; failuresSeen < workload.failures().size(); failuresSeen++) {
            workload.counted(failuresSeen, MachineMetrics.vmas(machine));
        }
    }

    @Override
    public long nanos() {
        return end.isEmpty() ? machine.workload().nanos(machine.tick()) : endNanos;
    }

    @Override
    public String end() {
        return end;
    }

    @Override
    public MetricValues metrics() {
        return MachineMetrics.of(machine);
    }

    @Override
    public List<MarkResult> marks() {
        List<MarkResult> marks = new ArrayList<>();
        for (Workload.Mark mark : machine.workload().marks()) {
            marks.add(new MarkResult(mark.label(), 1, machine.workload().nanos(mark.tick()), new MetricValues(new TreeMap<>(mark.metrics()))));
        }
        return marks;
    }

    @Override
    public List<FailureGroup> failures() {
        return machine.workload().failures();
    }

    @Override
    public List<Unmet> unmet() {
        return machine.workload().unmet();
    }

    @Override
    public List<CallTime> times() {
        List<CallTime> times = new ArrayList<>();
        machine.workload().costs().forEach((call, cost) -> times.add(new CallTime(call, cost.calls(), cost.nanos(), cost.maxNanos())));
        return times;
    }

    @Override
    public String digest() {
        return machine.digest();
    }
}
