package org.foliofleet.node.mm;

/**
 * What the swap device is like.
 *
 * @param block        it writes while others go on (no SWP_SYNCHRONOUS_IO), unlike zram, which has written when the call returns
 * @param latencyNanos of a block device, from submission until the end, when it does nothing else
 * @param pageNanos    how long a block device is busy with each page
 * @param stableWrites pages must not change while they are written (SWP_STABLE_WRITES)
 */
public record SwapDevice(boolean block, long latencyNanos, long pageNanos, boolean stableWrites) {
    /** A synchronous device without seek times, as in recordings. */
    public static final SwapDevice ZRAM = new SwapDevice(false, 100_000, 2_000, false);

    /** @throws IllegalArgumentException for a value that is unknown */
    SwapDevice with(String key, String value) {
        switch (key) {
            case "swap.device":
                if (!value.equals("zram") && !value.equals("block")) {
                    throw new IllegalArgumentException("'" + value + "' is neither zram nor block for " + key);
                }
                return new SwapDevice(value.equals("block"), latencyNanos, pageNanos, stableWrites);
            case "swap.latency":
                return new SwapDevice(block, nanos(key, value), pageNanos, stableWrites);
            case "swap.page_time":
                return new SwapDevice(block, latencyNanos, nanos(key, value), stableWrites);
            default:
                return new SwapDevice(block, latencyNanos, pageNanos, nanos(key, value) != 0);
        }
    }

    private static long nanos(String key, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + value + "' is no number for " + key, e);
        }
    }

    /** How long somebody waits who reads that many pages, one after the other. */
    public long readNanos(long pages) {
        return pages * (latencyNanos + pageNanos);
    }
}
