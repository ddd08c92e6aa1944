package org.foliofleet.node.local;

import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.workload.MachineEnd;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.node.workload.SimulatedMachine;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;
import org.foliofleet.protocol.experiment.MachineResult;
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
        rule = StopRule.of(stop, plan);
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
    public MachineResult result() {
        return machine.result(rule);
    }
}
