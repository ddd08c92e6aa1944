package org.foliofleet.node.mm.flow;

import org.foliofleet.protocol.policy.CostTable;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;

/** What every owner of a machine may read: it changes at tick boundaries only. */
public interface MachineContext {
    long tick();

    Topology topology();

    KernelSettings settings();

    /** What operations take. */
    default CostTable costs() {
        return settings().costs();
    }
}
