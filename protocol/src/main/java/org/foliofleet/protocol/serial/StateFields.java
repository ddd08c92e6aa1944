package org.foliofleet.protocol.serial;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.serial.WrittenShape.WrittenSlot;

/**
 * The fields of a class of mutable state, by name; static and transient ones are none of the state. What a final field
 * holds is filled in place.
 */
final class StateFields {
    private static final ClassValue<Map<Class<?>, StateFields>> KNOWN = new ClassValue<>() {
        @Override
        protected Map<Class<?>, StateFields> computeValue(Class<?> type) {
            return new HashMap<>();
        }
    };

    private final List<Part> parts = new ArrayList<>();

    private StateFields(Class<?> type, Class<?> root) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> at = type; at != root && at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers()) && !field.isSynthetic()) {
                    fields.add(field);
                }
            }
        }
        fields.sort(Comparator.comparing(Field::getName).thenComparing(field -> field.getDeclaringClass().getName()));
        for (Field field : fields) {
            parts.add(new Part(field));
        }
    }

    static StateFields of(Class<?> type, Class<?> root) {
        Map<Class<?>, StateFields> ofType = KNOWN.get(type);
        synchronized (ofType) {
            StateFields fields = ofType.get(root);
            if (fields == null) {
                fields = new StateFields(type, root);
                ofType.put(root, fields);
            }
            return fields;
        }
    }

    void write(Object state, Encoder out) {
        for (Part part : parts) {
            part.write(state, out);
        }
    }

    void read(Object state, Decoder in) {
        WrittenShape then = in.written() == null ? null : in.written().of(Shape.nameOf(state.getClass()));
        if (then != null) {
            readOlder(state, then, in);
            return;
        }
        for (Part part : parts) {
            part.read(state, in);
        }
    }

    /** Fields that were not written stay as the constructor has them. */
    private void readOlder(Object state, WrittenShape then, Decoder in) {
        String name = Shape.nameOf(state.getClass());
        for (WrittenSlot slot : then.slots()) {
            String nameNow = in.written().migrations().slotNow(name, slot.name());
            Part part = parts.stream().filter(each -> each.field.getName().equals(nameNow)
                    && in.written().isSame(slot.signature(), each.signature())).findFirst().orElse(null);
            if (part != null) {
                part.read(state, in);
            } else {
                slot.skip(in);
            }
        }
    }

    /** The fields in the order in which they are written. */
    List<WrittenSlot> slots() {
        return parts.stream().map(part -> new WrittenSlot(part.field.getName(), part.signature())).toList();
    }

    private static final class Part {
        private final Field field;
        private final boolean isFinal;
        private final Slot slot;
        private final boolean isState;

        Part(Field field) {
            this.field = field;
            field.setAccessible(true);
            isFinal = Modifier.isFinal(field.getModifiers());
            Class<?> type = field.getType();
            isState = isMutableState(type);
            try {
                MethodHandles.Lookup lookup = Shape.lookup(field.getDeclaringClass());
                MethodHandle getter = lookup.unreflectGetter(field);
                slot = isState || type.isArray() ? null : Slot.of(type, getter);
            } catch (IllegalAccessException e) {
                throw new IllegalArgumentException(field + " cannot be looked into", e);
            }
        }

        private static boolean isMutableState(Class<?> type) {
            return type.getName().startsWith("org.foliofleet.") && !type.isRecord() && !type.isEnum() && !type.isInterface()
                    && !type.isArray() && !Modifier.isAbstract(type.getModifiers())
                    && (!Encodable.class.isAssignableFrom(type) || hasInstanceReader(type))
                    && !type.getName().startsWith("org.foliofleet.protocol.message.");
        }

        private static boolean hasInstanceReader(Class<?> type) {
            try {
                return !Modifier.isStatic(type.getDeclaredMethod("decodeFrom", Decoder.class).getModifiers());
            } catch (NoSuchMethodException e) {
                throw new IllegalArgumentException(type.getName() + " lacks a method decodeFrom(Decoder)", e);
            }
        }

        /** As {@link WrittenShape} has it. */
        String signature() {
            if (slot != null) {
                return slot.signature();
            }
            if (isState) {
                return "s:" + Shape.nameOf(field.getType());
            }
            StringBuilder signature = new StringBuilder();
            Class<?> type = field.getType();
            for (; type.isArray(); type = type.getComponentType()) {
                signature.append('[');
            }
            return signature.append(type == long.class ? 'j' : 'a').toString();
        }

        void write(Object holder, Encoder out) {
            if (slot != null) {
                slot.write(holder, out);
                return;
            }
            Object value = get(holder);
            out.writeBoolean(value != null);
            if (value != null && isState) {
                Shape.of(field.getType()).write(value, out);
            } else if (value != null) {
                writeArray(value, out);
            }
        }

        private static void writeArray(Object array, Encoder out) {
            int length = Array.getLength(array);
            out.writeLong(length);
            Class<?> element = array.getClass().getComponentType();
            for (int i = 0; i < length; i++) {
                if (array instanceof long[] longs) {
                    out.writeLong(longs[i]);
                } else if (element.isArray()) {
                    writeArray(Array.get(array, i), out);
                } else {
                    out.writeValue(Array.get(array, i));
                }
            }
        }

        void read(Object holder, Decoder in) {
            if (isState) {
                readNested(holder, in);
            } else if (slot == null) {
                if (in.readBoolean()) {
                    Object array = readArray(get(holder), field.getType(), in);
                    if (array != get(holder)) {
                        set(holder, array);
                    }
                } else {
                    set(holder, null);
                }
            } else {
                Object value = slot.read(in);
                fill(holder, isFinal ? get(holder) : null, value, in);
            }
        }

        private void readNested(Object holder, Decoder in) {
            if (!in.readBoolean()) {
                if (get(holder) != null) {
                    set(holder, null);
                }
                return;
            }
            Object nested = get(holder);
            if (nested == null || Encodable.class.isAssignableFrom(field.getType()) && !isFinal) {
                set(holder, Shape.of(field.getType()).read(in));
            } else if (nested instanceof Encodable) {
                try {
                    java.lang.reflect.Method reader = field.getType().getDeclaredMethod("decodeFrom", Decoder.class);
                    reader.setAccessible(true);
                    reader.invoke(nested, in);
                } catch (ReflectiveOperationException e) {
                    throw new DecodingException(field + " cannot be filled", e);
                }
            } else {
                in.readState(nested, Object.class);
            }
        }

        private static Object readArray(Object now, Class<?> type, Decoder in) {
            int length = in.readSize();
            boolean grown = in.written() != null && now != null && length < Array.getLength(now);
            Object array = now != null && (Array.getLength(now) == length || grown) ? now : Array.newInstance(type.getComponentType(), length);
            for (int i = 0; i < length; i++) {
                if (array instanceof long[] longs) {
                    longs[i] = in.readLong();
                } else if (type.getComponentType().isArray()) {
                    Array.set(array, i, readArray(Array.get(array, i), type.getComponentType(), in));
                } else {
                    Array.set(array, i, in.readValue());
                }
            }
            return array;
        }

        @SuppressWarnings("unchecked")
        private void fill(Object holder, Object now, Object value, Decoder in) {
            if (!isFinal) {
                set(holder, value == null || field.getType().isInstance(value) ? value : ofType(value));
            } else if (now instanceof Map<?, ?> map && value instanceof Map<?, ?> read) {
                Map<Object, Object> target = (Map<Object, Object>) map;
                target.clear();
                target.putAll(read);
            } else if (now instanceof Collection<?> collection && value instanceof Collection<?> read) {
                Collection<Object> target = (Collection<Object>) collection;
                target.clear();
                target.addAll(read);
            } else if (now == null ? value != null : !now.equals(value)) {
                throw in.damaged(field.getDeclaringClass().getSimpleName() + "." + field.getName() + " is " + now + " here, but " + value
                        + " was written");
            }
        }

        /** What was read, as the collection class that the field is declared with. */
        @SuppressWarnings("unchecked")
        private Object ofType(Object value) {
            if (!(value instanceof Collection || value instanceof Map)) {
                return value;
            }
            try {
                Object made = field.getType().getConstructor().newInstance();
                if (value instanceof Map<?, ?> map) {
                    ((Map<Object, Object>) made).putAll(map);
                } else {
                    ((Collection<Object>) made).addAll((Collection<?>) value);
                }
                return made;
            } catch (ReflectiveOperationException e) {
                throw new DecodingException(field + " cannot be filled", e);
            }
        }

        private Object get(Object holder) {
            try {
                return field.get(holder);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }

        private void set(Object holder, Object value) {
            try {
                field.set(holder, value);
            } catch (IllegalAccessException | IllegalArgumentException e) {
                throw new DecodingException(field + " cannot be set to " + value, e);
            }
        }
    }
}
