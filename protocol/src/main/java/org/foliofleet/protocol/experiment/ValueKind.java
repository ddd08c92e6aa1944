package org.foliofleet.protocol.experiment;

import java.util.Collection;
import java.util.List;

/**
 * How a reader understands a value.
 *
 * @param units of a size, time or number that may be drawn; otherwise null
 * @param words of which it is one, or several
 */
record ValueKind(Kind kind, Units units, long min, long max, List<String> words) {
    enum Kind { TEXT, NAME, WORD, WORDS, BOOL, INTEGER, FIXED, AMOUNT }

    static final ValueKind TEXT = new ValueKind(Kind.TEXT, null, 0, 0, List.of());
    static final ValueKind NAME = new ValueKind(Kind.NAME, null, 0, 0, List.of());
    static final ValueKind BOOL = new ValueKind(Kind.BOOL, null, 0, 0, List.of());

    static ValueKind word(Collection<String> words) {
        return new ValueKind(Kind.WORD, null, 0, 0, List.copyOf(words));
    }

    static ValueKind words(Collection<String> words) {
        return new ValueKind(Kind.WORDS, null, 0, 0, List.copyOf(words));
    }

    static ValueKind integer(long min, long max) {
        return new ValueKind(Kind.INTEGER, null, min, max, List.of());
    }

    static ValueKind fixed(Units units) {
        return new ValueKind(Kind.FIXED, units, 0, 0, List.of());
    }

    static ValueKind amount(Units units) {
        return new ValueKind(Kind.AMOUNT, units, 0, 0, List.of());
    }
}
