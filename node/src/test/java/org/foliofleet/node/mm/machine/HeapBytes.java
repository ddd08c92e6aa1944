package org.foliofleet.node.mm.machine;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an object and all that it leads to take on the heap: estimated from the fields, with headers of 12 bytes and
 * references of 4 as they are below 32 GiB, so the same in every JVM. Collections of the JDK are estimated as wholes.
 */
final class HeapBytes {
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ArrayDeque<Object> open = new ArrayDeque<>();
    private final Map<String, Long> byClass = new TreeMap<>();
    private long total;

    private HeapBytes() {}

    static HeapBytes of(Object root) {
        HeapBytes bytes = new HeapBytes();
        bytes.reach(root);
        while (!bytes.open.isEmpty()) {
            bytes.count(bytes.open.remove());
        }
        return bytes;
    }

    long total() {
        return total;
    }

    /** Growth from another measurement by class, for one of so many things, without what hardly grew. */
    String growth(HeapBytes before, int things) {
        StringBuilder text = new StringBuilder();
        byClass.forEach((name, bytes) -> {
            long grown = bytes - before.byClass.getOrDefault(name, 0L);
            if (grown >= things) {
                text.append(' ').append(name).append(' ').append(grown / things);
            }
        });
        return text.toString();
    }

    private void reach(Object object) {
        if (object != null && !(object instanceof Enum<?>) && !(object instanceof Class<?>) && !object.getClass().isHidden()
                && seen.add(object)) {
            open.add(object);
        }
    }

    private void count(Object object) {
        Class<?> type = object.getClass();
        long bytes;
        if (type.isArray()) {
            bytes = 16 + (long) Array.getLength(object) * size(type.getComponentType());
            if (object instanceof Object[] elements) {
                for (Object element : elements) {
                    reach(element);
                }
            }
        } else if (object instanceof Collection<?> elements) {
            bytes = 48 + 8L * elements.size();
            elements.forEach(this::reach);
        } else if (object instanceof Map<?, ?> map && type.getName().startsWith("java.")) {
            bytes = 48 + 40L * map.size();
            map.keySet().forEach(this::reach);
            map.values().forEach(this::reach);
        } else if (object instanceof String text) {
            bytes = 40 + text.length();
        } else if (type.getName().startsWith("java.")) {
            bytes = 24;
        } else {
            bytes = fields(object, type);
        }
        long whole = (bytes + 7) & ~7L;
        total += whole;
        byClass.merge(type.getSimpleName(), whole, Long::sum);
    }

    private long fields(Object object, Class<?> type) {
        long bytes = 12;
        for (Class<?> at = type; at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    continue;
                }
                bytes += size(field.getType());
                if (!field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    try {
                        reach(field.get(object));
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        }
        return bytes;
    }

    private static int size(Class<?> type) {
        if (type == long.class || type == double.class) {
            return 8;
        }
        if (type == byte.class || type == boolean.class) {
            return 1;
        }
        return type == short.class || type == char.class ? 2 : 4;
    }
}
