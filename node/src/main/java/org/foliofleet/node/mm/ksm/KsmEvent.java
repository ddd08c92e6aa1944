package org.foliofleet.node.mm.ksm;

/** Something that happened to ksmd's lists and trees. */
interface KsmEvent {
    void applyTo(Ksmd ksmd);
}
