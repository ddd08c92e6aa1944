package org.foliofleet.node.conformance;

import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/** One operation of a scenario's body. */
public sealed interface Statement {
    /** As it was written, with single blanks. */
    String text();

    /** A process does it. */
    record OfProcess(String text, String process, MemoryCall call) implements Statement {}

    /** It is done to the machine. */
    record OfMachine(String text, MachineCall call) implements Statement {}
}
