package org.foliofleet.node.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.workload.ExperimentHost;
import org.foliofleet.node.workload.SimulatedMachine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.program.RandomStream;

/** Makes machines that live on the caller's thread. */
public final class LocalHost implements ExperimentHost {
    @Override
    public SimulatedMachine create(ExperimentSpec spec, MachineClass machines, int ordinal) {
        return new LocalMachine(boot(spec, machines, ordinal), WorkloadPlan.of(spec, machines, ordinal), spec.stop());
    }

    /** A machine of the class whose programs are about to begin. */
    public Machine boot(ExperimentSpec spec, MachineClass machines, int ordinal) {
        Machine machine = new Machine(topology(machines), settings(machines).with("tick_nanos", Long.toString(spec.tickNanos()))
                .with("random_seed", Long.toString(seed(spec, machines, ordinal))), machines.swapPages());
        machine.start(WorkloadPlan.of(spec, machines, ordinal));
        return machine;
    }

    private static long seed(ExperimentSpec spec, MachineClass machines, int ordinal) {
        return RandomStream.of(spec.seed(), "model " + machines.name(), ordinal).key();
    }

    private static Topology topology(MachineClass machines) {
        List<Topology.Node> nodes = new ArrayList<>();
        for (int i = 0; i < machines.nodes().size(); i++) {
            ExperimentSpec.NumaNode node = machines.nodes().get(i);
            nodes.add(new Topology.Node(node.memoryPages(), node.cpus(), machines.distances().get(i), node.tier()));
        }
        return new Topology(nodes);
    }

    private static KernelSettings settings(MachineClass machines) {
        KernelSettings settings = new KernelSettings();
        for (Map.Entry<String, String> setting : machines.settings().entrySet()) {
            settings = settings.with(setting.getKey(), setting.getValue());
        }
        return withPolicies(settings, machines);
    }

    /** Settings of a machine that goes on under the policies of that class. */
    public static KernelSettings withPolicies(KernelSettings settings, MachineClass machines) {
        return settings.with(machines.policies());
    }
}
