package org.foliofleet.node.mm.swap;

/** A fact about the swap device: applied at once when it happens, and again when a journal is replayed. */
interface SwapEvent {
    void applyTo(Swap swap);
}
