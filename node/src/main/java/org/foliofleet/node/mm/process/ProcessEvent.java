package org.foliofleet.node.mm.process;

/** A fact about a process: applied at once when it happens, and again when a journal is replayed. */
interface ProcessEvent {
    void applyTo(Process process);
}
