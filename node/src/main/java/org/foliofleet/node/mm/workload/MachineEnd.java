package org.foliofleet.node.mm.workload;

/**
 * The end of a machine.
 *
 * @param why   in words
 * @param nanos simulated since the programs began
 */
public record MachineEnd(String why, long nanos) {}
