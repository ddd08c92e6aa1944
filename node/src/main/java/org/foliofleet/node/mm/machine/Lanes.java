package org.foliofleet.node.mm.machine;

import org.foliofleet.protocol.id.OwnerId;

/**
 * Over how many lanes a machine is spread, and which owner is in which. A process is where its VMAs are; what there is once
 * is in the first lane.
 *
 * @param count at least 1
 */
public record Lanes(int count) {
    /** All in one lane. */
    public static final Lanes COLOCATED = new Lanes(1);

    private static final int NUMBER_SHIFT = 32;
    private static final int NUMBER_MASK = 0x7ff_ffff;

    public Lanes {
        if (count < 1) {
            throw new IllegalArgumentException("a machine has at least one lane, not " + count);
        }
    }

    /**
     * The lane of the owner with that {@linkplain OwnerId#key key}: by the number of the process, NUMA node or file; that
     * of an anon_vma root is the number of the process that made it.
     */
    public int of(long owner) {
        return ((int) (owner >>> NUMBER_SHIFT) & NUMBER_MASK) % count;
    }
}
