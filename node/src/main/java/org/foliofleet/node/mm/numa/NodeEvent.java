package org.foliofleet.node.mm.numa;

/** A fact about the folios of a node: applied at once when it happens, and again when a journal is replayed. */
interface NodeEvent {
    void applyTo(NumaNode node);
}
