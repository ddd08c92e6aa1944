package org.foliofleet.protocol.program;

import java.nio.charset.StandardCharsets;

/**
 * Random draws that depend on nothing but (seed, purpose, owner, number of the draw), so that neither the order in
 * which owners draw nor what others draw can change a result. Long arithmetic only: equal on every machine.
 *
 * <p>Counter-based: a draw is a hash of key and counter (two rounds of Stafford's 64-bit mixer, the key injected in
 * both), as in Salmon et al., "Parallel random numbers: as easy as 1, 2, 3". {@link #position} is the whole state.
 */
public final class RandomStream {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long key;
    private long position;

    private RandomStream(long key, long position) {
        this.key = key;
        this.position = position;
    }

    /**
     * The stream of an owner for a purpose, at its first draw.
     *
     * @param seed    seed of the experiment
     * @param purpose what the draws decide; streams of different purposes are independent
     * @param owner   who draws; any number that tells owners apart
     */
    public static RandomStream of(long seed, String purpose, long owner) {
        return new RandomStream(mix(mix(mix(seed + GOLDEN) ^ hash(purpose)) + owner * GOLDEN), 0);
    }

    /** A stream that was saved as {@link #key} and {@link #position}. */
    public static RandomStream restored(long key, long position) {
        return new RandomStream(key, position);
    }

    /** A stream of its own for the {@code ordinal}-th child of this one, whatever either has drawn. */
    public RandomStream child(long ordinal) {
        return new RandomStream(mix(mix(key ^ 0x6A09E667F3BCC909L) + ordinal * GOLDEN), 0);
    }

    /** Draw number {@code draw} of the stream with this key, as 64 random bits. */
    public static long draw(long key, long draw) {
        return mix(mix(draw * GOLDEN + key) ^ Long.rotateLeft(key, 32));
    }

    public long key() {
        return key;
    }

    /** How many draws were made. */
    public long position() {
        return position;
    }

    /** 64 random bits. */
    public long next() {
        return draw(key, position++);
    }

    /**
     * A number in {@code [0, bound)}, each equally likely (Lemire's method, which rejects what would be a bias).
     *
     * @param bound at least 1
     */
    public long below(long bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("no number is below " + bound);
        }
        long threshold = Long.remainderUnsigned(-bound, bound);
        while (true) {
            long bits = next();
            if (Long.compareUnsigned(bits * bound, threshold) >= 0) {
                return unsignedMultiplyHigh(bits, bound);
            }
        }
    }

    /** The upper half of the product of an unsigned number and one that is not negative. */
    private static long unsignedMultiplyHigh(long unsigned, long factor) {
        return Math.multiplyHigh(unsigned, factor) + ((unsigned >> 63) & factor);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** FNV-1a: a name's hash must not depend on the JVM. */
    private static long hash(String text) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return hash;
    }
}
