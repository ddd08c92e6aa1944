package org.foliofleet.node.mm.cache;

/** A fact about a file and its page cache: applied at once when it happens, and again when a journal is replayed. */
interface CacheEvent {
    void applyTo(AddressSpace space);
}
