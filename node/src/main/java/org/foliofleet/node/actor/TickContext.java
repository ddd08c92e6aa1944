package org.foliofleet.node.actor;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.MachineContext;

/** What all owners of a machine may read in one tick. */
record TickContext(long tick, Topology topology, KernelSettings settings) implements MachineContext {}
