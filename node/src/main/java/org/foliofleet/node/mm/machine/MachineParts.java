package org.foliofleet.node.mm.machine;

import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.node.mm.tick.Schedule.Progress;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/**
 * All that a machine is, between two ticks. Whoever hosts it can be made of the parts and be taken apart into them.
 *
 * @param owners   by key; they belong to whoever has the parts
 * @param messages those under way
 * @param answers  those that nobody outside has taken yet
 */
public record MachineParts(Topology topology, KernelSettings settings, Progress progress, List<Owner> owners, List<Due> messages,
        List<Answer> answers) {
    /** As bytes: a snapshot. */
    public byte[] toBytes() {
        return MachineImage.write(this);
    }

    /**
     * The parts that were written.
     *
     * @throws org.foliofleet.protocol.serial.DecodingException if the bytes are no snapshot of this version
     */
    public static MachineParts of(byte[] snapshot) {
        return MachineImage.read(snapshot);
    }

    /** How the programs are. */
    public WorkloadStatus programs() {
        for (Owner owner : owners) {
            if (owner instanceof Workload workload) {
                return workload.status();
            }
        }
        return WorkloadStatus.NONE;
    }

    /**
     * Gives programs that were restored what they were running.
     *
     * @throws IllegalArgumentException if they were running something else
     */
    public MachineParts resume(WorkloadPlan plan) {
        for (Owner owner : owners) {
            if (owner instanceof Workload workload) {
                workload.resume(plan);
            }
        }
        return this;
    }
}
