package org.foliofleet.protocol.id;

/** Page frame numbers: the node in bits 36 and up, the frame's number within its node below. */
public final class Frame {
    private static final int NODE_SHIFT = 36;

    private Frame() {}

    public static long of(int node, long number) {
        return (long) node << NODE_SHIFT | number;
    }

    public static int node(long frame) {
        return (int) (frame >>> NODE_SHIFT);
    }

    /** The frame's number within its node. */
    public static long number(long frame) {
        return frame & (1L << NODE_SHIFT) - 1;
    }

    /** The first frame of the naturally aligned block of {@code 2^order} frames that holds {@code frame}. */
    public static long head(long frame, int order) {
        return frame & -1L << order;
    }
}
