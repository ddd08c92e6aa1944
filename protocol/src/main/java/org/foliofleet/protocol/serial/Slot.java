package org.foliofleet.protocol.serial;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;

/** A component of a record, or a field: how its value is written when its type is known. */
abstract class Slot {
    abstract void write(Object holder, Encoder out);

    abstract Object read(Decoder in);

    /** As {@link WrittenShape} has it. */
    abstract String signature();

    /** @param getter from the holder */
    static Slot of(Class<?> type, MethodHandle getter) {
        if (type == boolean.class) {
            return new OfBoolean(getter.asType(MethodType.methodType(boolean.class, Object.class)));
        }
        if (type == double.class || type == float.class) {
            return new OfFloating(getter.asType(MethodType.methodType(double.class, Object.class)), type);
        }
        if (type == char.class) {
            return new OfNumber(getter.asType(MethodType.methodType(int.class, Object.class))
                    .asType(MethodType.methodType(long.class, Object.class)), type);
        }
        if (type.isPrimitive()) {
            return new OfNumber(getter.asType(MethodType.methodType(long.class, Object.class)), type);
        }
        MethodHandle object = getter.asType(MethodType.methodType(Object.class, Object.class));
        if (type.isEnum() || type.isRecord() && Modifier.isFinal(type.getModifiers())) {
            return new OfKnownClass(object, type);
        }
        return new OfAny(object);
    }

    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
    }

    private static final class OfNumber extends Slot {
        private final MethodHandle getter;
        private final Class<?> type;

        OfNumber(MethodHandle getter, Class<?> type) {
            this.getter = getter;
            this.type = type;
        }

        @Override
        String signature() {
            return "n";
        }

        @Override
        void write(Object holder, Encoder out) {
            try {
                out.writeLong((long) getter.invokeExact(holder));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        @Override
        Object read(Decoder in) {
            if (type == long.class) {
                return in.readLong();
            }
            int value = in.readInt();
            return type == int.class ? (Object) value : type == short.class ? (Object) (short) value
                    : type == byte.class ? (Object) (byte) value : (Object) (char) value;
        }
    }

    private static final class OfBoolean extends Slot {
        private final MethodHandle getter;

        OfBoolean(MethodHandle getter) {
            this.getter = getter;
        }

        @Override
        String signature() {
            return "b";
        }

        @Override
        void write(Object holder, Encoder out) {
            try {
                out.writeBoolean((boolean) getter.invokeExact(holder));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        @Override
        Object read(Decoder in) {
            return in.readBoolean();
        }
    }

    private static final class OfFloating extends Slot {
        private final MethodHandle getter;
        private final Class<?> type;

        OfFloating(MethodHandle getter, Class<?> type) {
            this.getter = getter;
            this.type = type;
        }

        @Override
        String signature() {
            return "d";
        }

        @Override
        void write(Object holder, Encoder out) {
            try {
                out.writeFloating((double) getter.invokeExact(holder));
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        @Override
        Object read(Decoder in) {
            double value = in.readFloating();
            return type == double.class ? (Object) value : (Object) (float) value;
        }
    }

    /** An enum or a record of just this class, or null. */
    private static final class OfKnownClass extends Slot {
        private final MethodHandle getter;
        private final Class<?> type;
        /** Not at once: records may contain each other. */
        private Shape shape;

        OfKnownClass(MethodHandle getter, Class<?> type) {
            this.getter = getter;
            this.type = type;
        }

        private Shape shape() {
            if (shape == null) {
                shape = Shape.of(type);
            }
            return shape;
        }

        @Override
        String signature() {
            return "k:" + Shape.nameOf(type);
        }

        @Override
        void write(Object holder, Encoder out) {
            Object value;
            try {
                value = (Object) getter.invokeExact(holder);
            } catch (Throwable e) {
                throw unexpected(e);
            }
            out.writeBoolean(value != null);
            if (value != null) {
                shape().write(value, out);
            }
        }

        @Override
        Object read(Decoder in) {
            return in.readBoolean() ? shape().read(in) : null;
        }
    }

    private static final class OfAny extends Slot {
        private final MethodHandle getter;

        OfAny(MethodHandle getter) {
            this.getter = getter;
        }

        @Override
        String signature() {
            return "a";
        }

        @Override
        void write(Object holder, Encoder out) {
            Object value;
            try {
                value = (Object) getter.invokeExact(holder);
            } catch (Throwable e) {
                throw unexpected(e);
            }
            out.writeValue(value);
        }

        @Override
        Object read(Decoder in) {
            return in.readValue();
        }
    }
}
