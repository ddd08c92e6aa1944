package org.foliofleet.node.trace;

/** Numbers as traces write them. */
final class Numbers {
    private static final long NANOS = 1_000_000_000L;

    private Numbers() {}

    /** {@code seconds.fraction} in nanoseconds, -1 if it is no such number. */
    static long nanos(String text) {
        int dot = text.indexOf('.');
        if (dot <= 0 || dot > 10 || text.length() - dot - 1 > 9 || dot == text.length() - 1) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < dot + 10; i++) {
            if (i == dot) {
                continue;
            }
            char c = i < text.length() ? text.charAt(i) : '0';
            if (c < '0' || c > '9') {
                return -1;
            }
            value = 10 * value + (c - '0');
        }
        return value <= 9_000_000_000L * NANOS ? value : -1;
    }

    /** A decimal int, {@code Integer.MIN_VALUE} if it is none. */
    static int smallInt(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return Integer.MIN_VALUE;
        }
    }

    /** An unsigned 64-bit number in hexadecimal, with or without {@code 0x}. */
    static long hex(String text) {
        return Long.parseUnsignedLong(text.startsWith("0x") ? text.substring(2) : text, 16);
    }

    /** A number with C prefixes: {@code 0x1f}, {@code 017}, {@code 15}, {@code -1}. */
    static long c(String text) {
        if (text.startsWith("0x") || text.startsWith("0X")) {
            return Long.parseUnsignedLong(text.substring(2), 16);
        }
        if (text.length() > 1 && text.charAt(0) == '0') {
            return Long.parseUnsignedLong(text, 8);
        }
        return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    }
}
