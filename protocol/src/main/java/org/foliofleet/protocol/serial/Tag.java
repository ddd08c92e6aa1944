package org.foliofleet.protocol.serial;

/** First byte of a value whose type the reader does not know beforehand. The numbers are the format. */
final class Tag {
    static final int NULL = 0;
    static final int FALSE = 1;
    static final int TRUE = 2;
    static final int INT = 3;
    static final int LONG = 4;
    static final int STRING = 5;
    static final int LIST = 6;
    static final int SET = 7;
    static final int MAP = 8;
    static final int LONGS = 9;
    static final int INTS = 10;
    static final int BYTES = 11;
    static final int PAGE_RUNS = 12;
    static final int FRAME_RUNS = 13;
    static final int BYTE = 14;
    static final int SHORT = 15;
    static final int CHARACTER = 16;
    static final int DOUBLE = 17;
    static final int FLOAT = 18;
    /** Followed by a name: an enum constant, a record, an {@link Encodable}, a state object. */
    static final int TYPED = 19;

    private Tag() {}
}
