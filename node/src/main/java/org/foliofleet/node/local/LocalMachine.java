package org.foliofleet.node.local;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.workload.MachineEnd;
import org.foliofleet.node.mm.workload.StopRule;
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
    private final StopRule rule;
    /** Null until the machine has ended. */
    private MachineEnd end;

    /** @param machine started with the plan, or restored from a snapshot of one that was */
    public LocalMachine(Machine machine, WorkloadPlan plan, Stop stop) {
        this.machine = machine;
        this.rule = StopRule.of(stop, plan);
    }

    public Machine machine() {
        return machine;
    }

    @Override
    public boolean run(long ticks) {
        for (long i = 0; i < ticks && end == null; i++) {
            end = machine.end(rule);
            if (end == null) {
                machine.step();
            }
        }
        return end != null;
    }

    @Override
    public long nanos() {
        return end == null ? machine.workload().nanos(machine.tick()) : end.nanos();
    }

    @Override
    public String end() {
        return end == null ? "" : end.why();
    }

    @Override
    public MetricValues metrics() {
        return machine.metrics();
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
        return machine.workload().report().failures();
    }

    @Override
    public List<Unmet> unmet() {
        return machine.workload().report().unmet();
    }

    @Override
    public List<CallTime> times() {
        List<CallTime> times = new ArrayList<>();
        machine.workload().report().costs()
                .forEach((call, cost) -> times.add(new CallTime(call, cost.calls(), cost.nanos(), cost.maxNanos())));
        return times;
    }

    @Override
    public String digest() {
        return machine.digest();
    }
}
