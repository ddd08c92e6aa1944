package org.foliofleet.protocol.program;

/** Flags of {@code mmap(2)} beside the protection and the sharing. */
public enum MapFlag {
    /** {@code MAP_NORESERVE}: not accounted. */
    NORESERVE,
    /** {@code MAP_FIXED_NOREPLACE}: EEXIST where something is mapped already. */
    NOREPLACE,
    /** {@code MAP_LOCKED}. */
    LOCKED,
    /** {@code MAP_GROWSDOWN}. */
    GROWSDOWN,
    /** {@code MAP_POPULATE}. */
    POPULATE,
    /** The initial stack of a program: VM_STACK, VM_GROWSDOWN, no THP while exec sets it up. */
    STACK
}
