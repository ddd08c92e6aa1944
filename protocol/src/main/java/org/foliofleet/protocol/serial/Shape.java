package org.foliofleet.protocol.serial;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.serial.WrittenShape.WrittenSlot;

/** How the objects of one class are written and read; made once for each class. */
abstract class Shape {
    private static final String OURS = "org.foliofleet.";
    private static final ClassValue<Shape> SHAPES = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return make(type);
        }
    };

    private final String name;
    private final long nameHash;

    private Shape(Class<?> type) {
        if (!type.getName().startsWith(OURS)) {
            throw new IllegalArgumentException(type.getName() + " has no canonical form: values are records, enums, numbers, strings, "
                    + "collections and arrays of these");
        }
        name = type.getName().substring(OURS.length());
        nameHash = Hash.of(name);
    }

    static String nameOf(Class<?> type) {
        return type.getName().substring(OURS.length());
    }

    /** The shape as it is now. */
    abstract WrittenShape written();

    /** The class name without what all have in common. */
    final String name() {
        return name;
    }

    final long nameHash() {
        return nameHash;
    }

    abstract void write(Object value, Encoder out);

    abstract Object read(Decoder in);

    /**
     * @throws IllegalArgumentException if its objects have no canonical form
     */
    static Shape of(Class<?> type) {
        return SHAPES.get(type);
    }

    /** @throws DecodingException if there is no such class */
    static Shape named(String name, Decoder in) {
        try {
            String now = in.written() == null ? name : in.written().migrations().nameNow(name);
            Class<?> type = Class.forName(OURS + now, false, Shape.class.getClassLoader());
            return of(type);
        } catch (ClassNotFoundException | IllegalArgumentException e) {
            throw in.damaged("no class " + name + ": written by another version?");
        }
    }

    private static Shape make(Class<?> type) {
        if (type.isEnum()) {
            return new OfEnum(type);
        }
        if (Enum.class.isAssignableFrom(type)) {
            return of(type.getSuperclass());
        }
        if (type.isRecord()) {
            return new OfRecord(type);
        }
        if (Encodable.class.isAssignableFrom(type)) {
            return new OfEncodable(type);
        }
        return new OfState(type);
    }

    static MethodHandles.Lookup lookup(Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(type.getName() + " cannot be looked into", e);
        }
    }

    /** Enums by name: constants may be added and reordered. */
    private static final class OfEnum extends Shape {
        private final Class<?> type;
        private final Enum<?>[] constants;
        private final long[] hashes;

        OfEnum(Class<?> type) {
            super(type);
            this.type = type;
            constants = (Enum<?>[]) type.getEnumConstants();
            hashes = new long[constants.length];
            for (int i = 0; i < hashes.length; i++) {
                hashes[i] = Hash.of(constants[i].name());
            }
        }

        @Override
        WrittenShape written() {
            return new WrittenShape("enum", name(), List.of(), Arrays.stream(constants).map(Enum::name).toList());
        }

        @Override
        void write(Object value, Encoder out) {
            Enum<?> constant = (Enum<?>) value;
            out.writeName(constant.name(), hashes[constant.ordinal()]);
        }

        @Override
        Object read(Decoder in) {
            String constant = in.readName();
            if (in.written() != null) {
                constant = in.written().migrations().constantNow(name(), constant);
            }
            for (Enum<?> each : constants) {
                if (each.name().equals(constant)) {
                    return each;
                }
            }
            throw in.damaged(type.getSimpleName() + " has no constant " + constant);
        }
    }

    private static final class OfRecord extends Shape {
        private final Slot[] slots;
        private final String[] names;
        private final Class<?>[] types;
        private final MethodHandle constructor;
        private final boolean isShared;

        OfRecord(Class<?> type) {
            super(type);
            isShared = OwnerId.class.isAssignableFrom(type) || type == VmaInfo.class || type == AnonVma.class;
            MethodHandles.Lookup lookup = lookup(type);
            RecordComponent[] components = type.getRecordComponents();
            slots = new Slot[components.length];
            names = new String[components.length];
            types = new Class<?>[components.length];
            try {
                for (int i = 0; i < slots.length; i++) {
                    names[i] = components[i].getName();
                    types[i] = components[i].getType();
                    slots[i] = Slot.of(types[i], lookup.findGetter(type, components[i].getName(), types[i]));
                }
                constructor = lookup.findConstructor(type, MethodType.methodType(void.class, types))
                        .asSpreader(Object[].class, types.length).asType(MethodType.methodType(Object.class, Object[].class));
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(type.getName() + " cannot be looked into", e);
            }
        }

        @Override
        WrittenShape written() {
            List<WrittenSlot> list = new ArrayList<>();
            for (int i = 0; i < slots.length; i++) {
                list.add(new WrittenSlot(names[i], slots[i].signature()));
            }
            return new WrittenShape("record", name(), list, List.of());
        }

        @Override
        void write(Object value, Encoder out) {
            for (Slot slot : slots) {
                slot.write(value, out);
            }
        }

        @Override
        Object read(Decoder in) {
            Object[] values = new Object[slots.length];
            WrittenShape then = in.written() == null ? null : in.written().of(name());
            in.reading(false, () -> {
                if (then != null) {
                    readOlder(then, values, in);
                    return values;
                }
                for (int i = 0; i < values.length; i++) {
                    values[i] = slots[i].read(in);
                }
                return values;
            });
            try {
                Object value = constructor.invokeExact(values);
                return isShared ? in.share(value) : value;
            } catch (DecodingException e) {
                throw e;
            } catch (Throwable e) {
                throw new DecodingException(name() + " cannot be made of what was read: " + e.getMessage(), e);
            }
        }

        /** What was written is what it was called then; what was not has a default. */
        private void readOlder(WrittenShape then, Object[] values, Decoder in) {
            boolean[] read = new boolean[values.length];
            for (WrittenSlot slot : then.slots()) {
                int at = Arrays.asList(names).indexOf(in.written().migrations().slotNow(name(), slot.name()));
                if (at >= 0 && in.written().isSame(slot.signature(), slots[at].signature())) {
                    values[at] = slots[at].read(in);
                    read[at] = true;
                } else {
                    slot.skip(in);
                }
            }
            for (int i = 0; i < values.length; i++) {
                if (!read[i]) {
                    values[i] = in.written().migrations().missing(name(), names[i], types[i]);
                }
            }
        }
    }

    private static final class OfEncodable extends Shape {
        @Override
        WrittenShape written() {
            return new WrittenShape("codec", name(), List.of(), List.of());
        }

        private final MethodHandle reader;

        OfEncodable(Class<?> type) {
            super(type);
            try {
                Method method = type.getDeclaredMethod("decodeFrom", Decoder.class);
                method.setAccessible(true);
                MethodHandle handle = lookup(type).unreflect(method);
                if (Modifier.isStatic(method.getModifiers())) {
                    reader = handle.asType(MethodType.methodType(Object.class, Decoder.class));
                } else {
                    MethodHandle fresh = maker(type);
                    reader = fill(handle, fresh);
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(type.getName() + " lacks a method decodeFrom(Decoder)", e);
            }
        }

        private static MethodHandle fill(MethodHandle handle, MethodHandle fresh) throws ReflectiveOperationException {
            MethodHandle fill = MethodHandles.lookup().findStatic(OfEncodable.class, "filled",
                    MethodType.methodType(Object.class, MethodHandle.class, MethodHandle.class, Decoder.class));
            MethodHandle generic = handle.asType(MethodType.methodType(void.class, Object.class, Decoder.class));
            return MethodHandles.insertArguments(fill, 0, generic, fresh);
        }

        @SuppressWarnings("unused") // through its handle
        private static Object filled(MethodHandle reader, MethodHandle fresh, Decoder in) throws Throwable {
            Object value = fresh.invokeExact();
            reader.invokeExact(value, in);
            return value;
        }

        @Override
        void write(Object value, Encoder out) {
            ((Encodable) value).encodeTo(out);
        }

        @Override
        Object read(Decoder in) {
            try {
                return reader.invokeExact(in);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new DecodingException(name() + " cannot be read", e);
            }
        }
    }

    /** Other classes of ours: state objects, field by field. */
    static final class OfState extends Shape {
        private final Class<?> type;

        OfState(Class<?> type) {
            super(type);
            if (type.isInterface() || Modifier.isAbstract(type.getModifiers()) || type.isHidden() || Throwable.class.isAssignableFrom(type)) {
                throw new IllegalArgumentException(type.getName() + " has no canonical form");
            }
            this.type = type;
        }

        @Override
        WrittenShape written() {
            return new WrittenShape("state", name(), StateFields.of(type, Object.class).slots(), List.of());
        }

        @Override
        void write(Object value, Encoder out) {
            out.writeState(value, Object.class);
        }

        @Override
        Object read(Decoder in) {
            try {
                Object state = maker(type).invokeExact();
                in.readState(state, Object.class);
                return state;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new DecodingException(name() + " cannot be made", e);
            }
        }
    }

    /** The constructor without arguments, returning an Object. */
    static MethodHandle maker(Class<?> type) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            return lookup(type).unreflectConstructor(constructor).asType(MethodType.methodType(Object.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName() + " needs a constructor without arguments, so that it can be read", e);
        }
    }
}
