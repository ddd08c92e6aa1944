package org.foliofleet.node.mm.workload;

/** A fact about the programs of a machine. */
interface WorkloadEvent {
    void applyTo(Workload workload);
}
