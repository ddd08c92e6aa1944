package org.foliofleet.protocol.serial;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;

/**
 * Writes values and state in canonical form: numbers in as few bytes as they need, sets and maps in order, names once.
 */
public final class Encoder {
    private byte[] bytes = new byte[64];
    private int size;
    /** Names written so far; null where names stand as their hashes. */
    private final Map<String, Integer> names;

    /** For bytes that a {@link Decoder} shall read. */
    public Encoder() {
        this(true);
    }

    private Encoder(boolean readable) {
        names = readable ? new HashMap<>() : null;
    }

    /** For bytes that are only hashed: parts of them do not depend on the parts before. */
    public static Encoder forHashing() {
        return new Encoder(false);
    }

    /** Starts over with nothing written. */
    public Encoder reset() {
        size = 0;
        if (names != null) {
            names.clear();
        }
        return this;
    }

    public int size() {
        return size;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /** The hash of what was written. */
    public long hash(long seed) {
        return Hash.of(bytes, size, seed);
    }

    // -- parts ---------------------------------------------------------------------------------------------------

    private void room(int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + count, bytes.length * 2));
        }
    }

    public void writeByte(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    public void writeBoolean(boolean value) {
        writeByte(value ? 1 : 0);
    }

    /** 1 to 10 bytes, few for numbers near 0. */
    public void writeLong(long value) {
        room(10);
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    private void writeFixed(long value) {
        room(8);
        for (int shift = 0; shift < 64; shift += 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    public void writeString(String text) {
        writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void writeBytes(byte[] some) {
        writeLong(some.length);
        room(some.length);
        System.arraycopy(some, 0, bytes, size, some.length);
        size += some.length;
    }

    /** The name the first time, its number later. */
    void writeName(String name, long hash) {
        if (names == null) {
            writeFixed(hash);
            return;
        }
        Integer known = names.get(name);
        if (known != null) {
            writeLong(known);
        } else {
            writeLong(names.size());
            names.put(name, names.size());
            writeString(name);
        }
    }

    // -- values --------------------------------------------------------------------------------------------------

    /**
     * Writes any value.
     *
     * @throws IllegalArgumentException for an object that has no canonical form
     */
    public void writeValue(Object value) {
        if (value == null) {
            writeByte(Tag.NULL);
        } else if (value instanceof Long v) {
            writeByte(Tag.LONG);
            writeLong(v);
        } else if (value instanceof Record || value instanceof Enum<?>) {
            writeTyped(value);
        } else if (value instanceof Boolean v) {
            writeByte(v ? Tag.TRUE : Tag.FALSE);
        } else if (value instanceof Integer v) {
            writeByte(Tag.INT);
            writeLong(v);
        } else if (value instanceof String v) {
            writeByte(Tag.STRING);
            writeString(v);
        } else if (value instanceof PageRuns v) {
            writeByte(Tag.PAGE_RUNS);
            RunsCodec.write(v, this);
        } else if (value instanceof FrameRuns v) {
            writeByte(Tag.FRAME_RUNS);
            RunsCodec.write(v, this);
        } else {
            writeRare(value);
        }
    }

    private void writeRare(Object value) {
        if (value instanceof Set<?> v) {
            writeByte(Tag.SET);
            writeElements(sorted(v));
        } else if (value instanceof Map<?, ?> v) {
            writeByte(Tag.MAP);
            writeEntries(v);
        } else if (value instanceof Encodable) {
            writeTyped(value);
        } else if (value instanceof Collection<?> v) {
            writeByte(Tag.LIST);
            writeElements(v);
        } else if (value instanceof long[] v) {
            writeByte(Tag.LONGS);
            writeLongs(v);
        } else if (value instanceof int[] v) {
            writeByte(Tag.INTS);
            writeInts(v);
        } else if (value instanceof byte[] v) {
            writeByte(Tag.BYTES);
            writeBytes(v);
        } else if (value instanceof Byte v) {
            writeByte(Tag.BYTE);
            writeByte(v);
        } else if (value instanceof Short v) {
            writeByte(Tag.SHORT);
            writeLong(v);
        } else if (value instanceof Character v) {
            writeByte(Tag.CHARACTER);
            writeLong(v);
        } else if (value instanceof Double v) {
            writeByte(Tag.DOUBLE);
            writeFixed(Double.doubleToLongBits(v));
        } else if (value instanceof Float v) {
            writeByte(Tag.FLOAT);
            writeFixed(Float.floatToIntBits(v));
        } else {
            writeTyped(value);
        }
    }

    void writeLongs(long[] v) {
        writeLong(v.length);
        for (long element : v) {
            writeLong(element);
        }
    }

    void writeInts(int[] v) {
        writeLong(v.length);
        for (int element : v) {
            writeLong(element);
        }
    }

    void writeFloating(double value) {
        writeFixed(Double.doubleToLongBits(value));
    }

    private void writeTyped(Object value) {
        writeByte(Tag.TYPED);
        Shape shape = Shape.of(value.getClass());
        writeName(shape.name(), shape.nameHash());
        shape.write(value, this);
    }

    void writeElements(Collection<?> elements) {
        writeLong(elements.size());
        for (Object element : elements) {
            writeValue(element);
        }
    }

    void writeEntries(Map<?, ?> map) {
        List<Object> keys = sorted(map.keySet());
        writeLong(keys.size());
        for (Object key : keys) {
            writeValue(key);
            writeValue(map.get(key));
        }
    }

    /** The members in their natural order, or by their bytes. */
    @SuppressWarnings("unchecked")
    static List<Object> sorted(Collection<?> members) {
        List<Object> list = new ArrayList<>(members);
        boolean comparable = true;
        for (Object member : list) {
            comparable &= member instanceof Comparable && member.getClass() == list.get(0).getClass();
        }
        if (comparable) {
            list.sort((Comparator<Object>) (Comparator<?>) Comparator.naturalOrder());
        } else {
            list.sort((a, b) -> Arrays.compareUnsigned(Wire.encode(a), Wire.encode(b)));
        }
        return list;
    }

    // -- state ---------------------------------------------------------------------------------------------------

    /**
     * Writes all fields of a state object, those of its superclasses up to {@code root} left out, that are not transient.
     */
    public void writeState(Object state, Class<?> root) {
        StateFields.of(state.getClass(), root).write(state, this);
    }
}
