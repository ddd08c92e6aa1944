package org.foliofleet.protocol.serial;

/** Single values as bytes, with a header that names the format's version. */
public final class Wire {
    /** Grows with every change of the format. */
    public static final int VERSION = 1;

    private static final int MAGIC = 0xF0;

    private Wire() {}

    /** Writes the header. */
    public static void header(Encoder out) {
        out.writeByte(MAGIC);
        out.writeByte(VERSION);
        out.writeLong(FormatHistory.current());
    }

    /** Whether bytes with a header were written in today's generation of the format. */
    public static boolean isOfToday(byte[] bytes) {
        Decoder in = new Decoder(bytes);
        header(in);
        return in.written() == null;
    }

    /**
     * Reads the header.
     *
     * From here on what was written in an older generation is read as what has become of it.
     *
     * @throws DecodingException if the bytes are of another format or version
     */
    public static void header(Decoder in) {
        int magic = in.readByte() & 0xff;
        int version = in.readByte();
        if (magic != MAGIC || version != VERSION) {
            throw new DecodingException("not written by this version: format " + Integer.toHexString(magic) + ", version " + version
                    + ", expected " + Integer.toHexString(MAGIC) + ", version " + VERSION);
        }
        in.writtenIn(FormatHistory.of(in.readInt(), in));
    }

    /** A value (a command, a reply, an event, a value of a step) as bytes. */
    public static byte[] encode(Object value) {
        Encoder out = new Encoder();
        header(out);
        out.writeValue(value);
        return out.toBytes();
    }

    /** The value that {@link #encode} wrote. */
    public static Object decode(byte[] bytes) {
        Decoder in = new Decoder(bytes);
        header(in);
        Object value = in.readValue();
        in.requireEnd();
        return value;
    }
}
