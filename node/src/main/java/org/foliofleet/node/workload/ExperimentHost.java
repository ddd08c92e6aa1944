package org.foliofleet.node.workload;

import org.foliofleet.protocol.experiment.ExperimentSpec;

/** Makes the machines of an experiment; is called by several threads at once. */
public interface ExperimentHost {
    /**
     * A machine at tick 0: booted with the nodes, swap, kernel settings and policies of its class, with its files and
     * programs about to begin.
     *
     * @param ordinal number of the machine in its class, from 0
     */
    SimulatedMachine create(ExperimentSpec spec, ExperimentSpec.MachineClass machines, int ordinal);
}
