package org.foliofleet.node.workload;

import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.MetricValues;

/** What is kept of a machine that has ended. */
record MachineResult(long nanos, String end, MetricValues metrics, List<MarkResult> marks, List<FailureGroup> failures, List<Unmet> unmet,
        List<CallTime> times, String digest) {
    static MachineResult of(SimulatedMachine machine) {
        return new MachineResult(machine.nanos(), machine.end(), machine.metrics(), machine.marks(), machine.failures(), machine.unmet(),
                machine.times(), machine.digest());
    }
}
