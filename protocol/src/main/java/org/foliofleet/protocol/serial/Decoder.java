package org.foliofleet.protocol.serial;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Reads what an {@link Encoder} wrote. Lists, sets and maps come back unmodifiable, sets and maps in their canonical order.
 */
public final class Decoder {
    private final byte[] bytes;
    private int at;
    private final List<String> names = new ArrayList<>();
    /** Whether what is read belongs to state: its collections can be changed. */
    private boolean mutable;
    /** Ids and the like read so far, by themselves; null if equal ones may be different objects. */
    private Map<Object, Object> shared;
    /** Null: in today's shapes. */
    private WrittenShapes written;

    public Decoder(byte[] bytes) {
        this.bytes = bytes;
    }

    /** How what is read was written; null: in today's shapes. */
    void writtenIn(WrittenShapes shapes) {
        written = shapes;
    }

    WrittenShapes written() {
        return written;
    }

    /**
     * From here on equal ids, VMAs and anon_vmas are read as one object each, as they are in a machine that has run:
     * they lie in several owners.
     */
    public Decoder sharing() {
        shared = new HashMap<>();
        return this;
    }

    /** The object that was read first of those that are equal to this one. */
    Object share(Object value) {
        if (shared == null) {
            return value;
        }
        Object first = shared.putIfAbsent(value, value);
        return first == null ? value : first;
    }

    /** @throws DecodingException if something is left */
    public void requireEnd() {
        if (at != bytes.length) {
            throw damaged((bytes.length - at) + " bytes are left over");
        }
    }

    DecodingException damaged(String what) {
        return new DecodingException("byte " + at + " of " + bytes.length + ": " + what);
    }

    public int readByte() {
        if (at >= bytes.length) {
            throw damaged("the end, in the middle of a value");
        }
        return bytes[at++];
    }

    public boolean readBoolean() {
        int value = readByte();
        if (value != 0 && value != 1) {
            throw damaged("no truth value: " + value);
        }
        return value == 1;
    }

    public long readLong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int part = readByte();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw damaged("a number of more than ten bytes");
    }

    public int readInt() {
        long value = readLong();
        if (value != (int) value) {
            throw damaged("no 32-bit number: " + value);
        }
        return (int) value;
    }

    /** A count of things that take at least a byte each. */
    public int readSize() {
        long value = readLong();
        if (value < 0 || value > bytes.length - at) {
            throw damaged("impossible count " + value);
        }
        return (int) value;
    }

    private long readFixed() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 8) {
            value |= (readByte() & 0xffL) << shift;
        }
        return value;
    }

    double readFloating() {
        return Double.longBitsToDouble(readFixed());
    }

    public String readString() {
        int length = readSize();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    String readName() {
        int number = readInt();
        if (number == names.size()) {
            names.add(readString());
        } else if (number < 0 || number > names.size()) {
            throw damaged("name " + number + " was not written before");
        }
        return names.get(number);
    }

    /** Reads any value. */
    public Object readValue() {
        int tag = readByte();
        switch (tag) {
            case Tag.NULL:
                return null;
            case Tag.FALSE:
                return false;
            case Tag.TRUE:
                return true;
            case Tag.INT:
                return readInt();
            case Tag.LONG:
                return readLong();
            case Tag.STRING:
                return readString();
            case Tag.LIST:
                return mutable ? readElements() : Collections.unmodifiableList(readElements());
            case Tag.SET:
                return readMembers();
            case Tag.MAP:
                return readEntries();
            case Tag.LONGS:
                return readLongs();
            case Tag.INTS:
                return readInts();
            case Tag.BYTES:
                int length = readSize();
                at += length;
                return Arrays.copyOfRange(bytes, at - length, at);
            case Tag.PAGE_RUNS:
                return RunsCodec.readPages(this);
            case Tag.FRAME_RUNS:
                return RunsCodec.readFrames(this);
            case Tag.BYTE:
                return (byte) readByte();
            case Tag.SHORT:
                return (short) readLong();
            case Tag.CHARACTER:
                return (char) readLong();
            case Tag.DOUBLE:
                return readFloating();
            case Tag.FLOAT:
                return Float.intBitsToFloat((int) readFixed());
            case Tag.TYPED:
                return readTyped(readName());
            default:
                throw damaged("no value begins with " + tag);
        }
    }

    private Object readTyped(String name) {
        if (written != null && written.migrations().nameNow(name).isEmpty()) {
            written.skip(name, this);
            return null;
        }
        return Shape.named(name, this).read(this);
    }

    long[] readLongs() {
        long[] elements = new long[readSize()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = readLong();
        }
        return elements;
    }

    int[] readInts() {
        int[] elements = new int[readSize()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = readInt();
        }
        return elements;
    }

    List<Object> readElements() {
        int count = readSize();
        List<Object> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(readValue());
        }
        return elements;
    }

    private Map<Object, Object> readEntries() {
        int count = readSize();
        Map<Object, Object> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            Object key = readValue();
            entries.put(key, readValue());
        }
        if (!mutable) {
            return Collections.unmodifiableMap(entries);
        }
        return areComparable(entries.keySet()) ? new TreeMap<>(entries) : entries;
    }

    private Set<Object> readMembers() {
        Set<Object> members = new LinkedHashSet<>(readElements());
        if (!mutable) {
            return Collections.unmodifiableSet(members);
        }
        return areComparable(members) ? new TreeSet<>(members) : members;
    }

    private static boolean areComparable(Set<Object> members) {
        for (Object member : members) {
            if (!(member instanceof Comparable)) {
                return false;
            }
        }
        return true;
    }

    /** Reads a part whose collections may or may not be changed. */
    <T> T reading(boolean asState, Supplier<T> part) {
        boolean before = mutable;
        mutable = asState;
        try {
            return part.get();
        } finally {
            mutable = before;
        }
    }

    /** Fills the fields of a new state object with what {@link Encoder#writeState} wrote. */
    public void readState(Object state, Class<?> root) {
        reading(true, () -> {
            StateFields.of(state.getClass(), root).read(state, this);
            return null;
        });
    }
}
