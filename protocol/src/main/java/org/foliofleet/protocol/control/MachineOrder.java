package org.foliofleet.protocol.control;

import org.foliofleet.protocol.experiment.Execution;

/** What an experiment tells one of its machines; the entity type is {@value #ENTITY_TYPE}, the entity id the machine's name. */
public sealed interface MachineOrder extends ControlMessage {
    String ENTITY_TYPE = "machine";

    /** The machine's name: {@link MachineName#toString}. */
    String machine();

    /** Is it running, go on with that; else begin, or go on from the last commit. Sent again until the machine is heard of. */
    record EnsureRunning(String machine, ExperimentSource source, Execution execution) implements MachineOrder {}

    /** Come to rest at a committed epoch, and be forgotten by this JVM. */
    record Pause(String machine) implements MachineOrder {}

    /** End without a result. */
    record Cancel(String machine) implements MachineOrder {}
}
