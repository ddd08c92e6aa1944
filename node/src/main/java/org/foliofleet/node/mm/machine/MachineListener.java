package org.foliofleet.node.mm.machine;

import org.foliofleet.node.mm.flow.Owner;

/** Is told what happens in a machine. */
@FunctionalInterface
public interface MachineListener {
    void happened(long tick, Owner owner, Object event);
}
