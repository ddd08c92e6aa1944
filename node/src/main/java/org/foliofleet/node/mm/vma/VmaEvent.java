package org.foliofleet.node.mm.vma;

/** A fact about a VMA or its page tables: applied at once when it happens, and again when a journal is replayed. */
interface VmaEvent {
    void applyTo(Vma vma);
}
