package org.foliofleet.node.mm.machine;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.foliofleet.node.mm.numa.PageCounts;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.RandomStream;

/** Makes up values of any record type from a stream of draws. */
final class RandomValues {
    /** A type whose values cannot be made up: it holds something that is no value. */
    static final class NoValue extends Exception {
        private static final long serialVersionUID = 1;

        NoValue(Type type) {
            super(type.getTypeName());
        }
    }

    private final RandomStream draw;
    /** Records that may stand where an interface is asked for. */
    private final List<Class<?>> records;

    RandomValues(RandomStream draw, List<Class<?>> records) {
        this.draw = draw;
        this.records = records;
    }

    /** A record of this class. */
    Object record(Class<?> type, int depth) throws NoValue {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = components[i].getType();
        }
        for (int attempt = 0; attempt < 200; attempt++) {
            Object[] values = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                values[i] = value(components[i].getGenericType(), types[i], depth + 1);
            }
            try {
                Constructor<?> constructor = type.getDeclaredConstructor(types);
                constructor.setAccessible(true);
                return constructor.newInstance(values);
            } catch (InvocationTargetException e) {
                // The record refuses these values; others may do.
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new NoValue(type);
    }

    private long number() {
        long bits = draw.next();
        return switch ((int) draw.below(4)) {
            case 0 -> draw.below(4);
            case 1 -> draw.below(1 << 20);
            case 2 -> bits >>> draw.below(64);
            default -> bits;
        };
    }

    private Object value(Type generic, Class<?> type, int depth) throws NoValue {
        if (type == long.class || type == Long.class) {
            return number();
        }
        if (type == int.class || type == Integer.class) {
            return (int) number();
        }
        if (type == boolean.class || type == Boolean.class) {
            return draw.below(2) == 0;
        }
        if (type == double.class || type == Double.class) {
            return number() / 8.0;
        }
        if (draw.below(8) == 0 && depth > 1 && (type == String.class || type.isRecord() || type.isInterface())) {
            return null;
        }
        if (type == String.class) {
            return List.of("", "a", "größe", "memfd:f", "\u6f22").get((int) draw.below(5));
        }
        if (type.isEnum()) {
            Object[] constants = type.getEnumConstants();
            return constants[(int) draw.below(constants.length)];
        }
        if (type == PageRuns.class) {
            return pageRuns(depth);
        }
        if (type == FrameRuns.class) {
            FrameRuns.Builder runs = new FrameRuns.Builder();
            for (long i = draw.below(4); i > 0; i--) {
                runs.add(draw.next() >>> 20, 1 + draw.below(600));
            }
            return runs.build();
        }
        if (type == PageCounts.class) {
            PageCounts counts = PageCounts.uniform(16, draw.below(3));
            return draw.below(2) == 0 ? counts : counts.add((int) draw.below(8), 8 + (int) draw.below(8), 1 + draw.below(5));
        }
        if (type == long[].class) {
            return new long[] {number(), number()};
        }
        if (type == int[].class) {
            return new int[] {(int) number()};
        }
        if (type.isRecord()) {
            return record(type, depth);
        }
        if (List.class.isAssignableFrom(type) || Set.class.isAssignableFrom(type) || type == java.util.Collection.class) {
            return collection(generic, Set.class.isAssignableFrom(type), depth);
        }
        if (Map.class.isAssignableFrom(type)) {
            return map(generic, depth);
        }
        if (type == Object.class) {
            return draw.below(2) == 0 ? (Object) number() : "key";
        }
        if (type.isInterface()) {
            List<Class<?>> fitting = records.stream().filter(type::isAssignableFrom).toList();
            if (!fitting.isEmpty()) {
                return record(fitting.get((int) draw.below(fitting.size())), depth);
            }
        }
        throw new NoValue(type);
    }

    private PageRuns pageRuns(int depth) throws NoValue {
        PageRuns.Builder runs = PageRuns.builder();
        long at = draw.next() >>> 24;
        for (long i = draw.below(4); i > 0; i--) {
            long count = 1 + draw.below(600);
            runs.add(at, count, (Pte) record(Pte.class, Math.max(2, depth)));
            at += count + draw.below(3);
        }
        return runs.build();
    }

    private Object collection(Type generic, boolean set, int depth) throws NoValue {
        List<Object> elements = new ArrayList<>();
        Type element = argument(generic, 0);
        for (long i = depth > 6 ? 0 : draw.below(4); i > 0; i--) {
            Object value = value(element, raw(element), 1);
            elements.add(value);
        }
        return set ? new LinkedHashSet<>(elements) : elements;
    }

    private Object map(Type generic, int depth) throws NoValue {
        Map<Object, Object> map = new TreeMap<>();
        for (long i = depth > 6 ? 0 : draw.below(4); i > 0; i--) {
            Object key = value(argument(generic, 0), raw(argument(generic, 0)), 1);
            map.put(key, value(argument(generic, 1), raw(argument(generic, 1)), 1));
        }
        return map;
    }

    private static Type argument(Type generic, int number) {
        return generic instanceof ParameterizedType p ? p.getActualTypeArguments()[number] : Object.class;
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class<?> c) {
            return c;
        }
        if (type instanceof ParameterizedType p) {
            return (Class<?>) p.getRawType();
        }
        if (type instanceof WildcardType w) {
            return raw(w.getUpperBounds()[0]);
        }
        if (type instanceof TypeVariable<?> v) {
            return raw(v.getBounds()[0]);
        }
        return Object.class;
    }
}
