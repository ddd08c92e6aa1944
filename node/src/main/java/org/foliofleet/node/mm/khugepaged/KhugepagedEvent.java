package org.foliofleet.node.mm.khugepaged;

/** Something that happened to khugepaged's list. */
interface KhugepagedEvent {
    void applyTo(Khugepaged khugepaged);
}
