package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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

    /**
     * Takes the machine apart into its lanes. The first has the answers and counts for all; the others count from here on.
     * Whoever goes on with them leaves this alone.
     */
    public List<MachineParts> split(Lanes lanes) {
        List<MachineParts> parts = new ArrayList<>();
        for (int lane = 0; lane < lanes.count(); lane++) {
            Progress its = lane == 0 ? progress : new Progress(progress.tick(), 0, 0, progress.ticks());
            parts.add(new MachineParts(topology, settings, its, new ArrayList<>(), new ArrayList<>(), lane == 0 ? answers : List.of()));
        }
        owners.forEach(owner -> parts.get(lanes.of(owner.key())).owners.add(owner));
        messages.forEach(message -> parts.get(lanes.of(message.envelope().to().key())).messages.add(message));
        return parts;
    }

    /** The machine whose lanes, in their order, these are. */
    public static MachineParts join(List<MachineParts> lanes) {
        MachineParts first = lanes.get(0);
        List<Owner> owners = new ArrayList<>();
        List<Due> messages = new ArrayList<>();
        long delivered = 0;
        for (MachineParts lane : lanes) {
            owners.addAll(lane.owners);
            messages.addAll(lane.messages);
            delivered += lane.progress.messages();
        }
        owners.sort(Comparator.comparingLong(Owner::key));
        Collections.sort(messages);
        Progress progress = new Progress(first.progress.tick(), first.progress.driverSequence(), delivered, first.progress.ticks());
        return new MachineParts(first.topology, first.settings, progress, owners, messages, first.answers);
    }
}
