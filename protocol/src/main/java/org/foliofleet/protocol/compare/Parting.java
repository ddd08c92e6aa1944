package org.foliofleet.protocol.compare;

/**
 * Where a machine under one variant first does something else than under the first variant.
 *
 * @param variant    its number
 * @param machines   class of the machine
 * @param ordinal    number of the machine in its class
 * @param seed       of both runs
 * @param tick       the first in which events differ, or -1: none differs
 * @param nanos      simulated time then
 * @param owner      whose event it is
 * @param ofFirst    what happened to the owner under the first variant in that tick, or next, in words; or empty: nothing
 * @param ofOther    the same under the other
 */
public record Parting(int variant, String machines, int ordinal, long seed, long tick, long nanos, String owner, String ofFirst,
        String ofOther) {
    /** Whether both did the same to their end. */
    public boolean isNone() {
        return tick < 0;
    }
}
