package org.foliofleet.protocol.serial;

import java.nio.charset.StandardCharsets;

/** A 64-bit hash of bytes that is the same in every JVM. Not cryptographic. */
public final class Hash {
    private static final long P0 = 0xa0761d6478bd642fL;
    private static final long P1 = 0xe7037ed1a0b428dbL;
    private static final long P2 = 0x8ebc6af09c88c6e3L;

    private Hash() {}

    /** Mixes the bits of two words. */
    public static long mix(long a, long b) {
        long x = a ^ P0;
        long y = b ^ P1;
        return Math.multiplyHigh(x, y) ^ x * y ^ Long.rotateLeft(x, 32);
    }

    /** The hash of {@code bytes[0, size)}. */
    public static long of(byte[] bytes, int size, long seed) {
        long h = seed ^ P2;
        int at = 0;
        for (; at + 8 <= size; at += 8) {
            h = mix(h, word(bytes, at));
        }
        long tail = 0;
        for (int shift = 0; at < size; at++, shift += 8) {
            tail |= (bytes[at] & 0xffL) << shift;
        }
        return mix(mix(h, tail), size);
    }

    private static long word(byte[] b, int i) {
        return b[i] & 0xffL | (b[i + 1] & 0xffL) << 8 | (b[i + 2] & 0xffL) << 16 | (b[i + 3] & 0xffL) << 24 | (b[i + 4] & 0xffL) << 32
                | (b[i + 5] & 0xffL) << 40 | (b[i + 6] & 0xffL) << 48 | (b[i + 7] & 0xffL) << 56;
    }

    public static long of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return of(bytes, bytes.length, 0);
    }
}
