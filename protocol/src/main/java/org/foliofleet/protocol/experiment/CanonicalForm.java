package org.foliofleet.protocol.experiment;

import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.SourceLine;

/**
 * Writes a tree of records as text that is the same for equal trees, in any JVM: records by name and components in
 * order, sets and maps sorted.
 *
 * <p>Source lines and how a thing is run are left out, and so are components without a value (null, empty text, empty
 * collections, false, 0, a constant {@code NONE}): a later version of the grammar can add a component without changing the
 * digest of files that do not use it.
 */
final class CanonicalForm {
    private final StringBuilder text = new StringBuilder();
    private final Set<String> programs = new HashSet<>();

    private CanonicalForm() {}

    static String of(Object tree) {
        CanonicalForm form = new CanonicalForm();
        form.write(tree);
        return form.text.toString();
    }

    static String digest(Object tree) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(of(tree).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private void write(Object value) {
        if (value instanceof Program program && !programs.add(program.name())) {
            text.append("Program:").append(quoted(program.name()));   // written before; trees may share it many times
        } else if (value instanceof Record written) {
            writeRecord(written);
        } else if (value instanceof Enum<?> constant) {
            text.append(constant.name());
        } else if (value instanceof Map<?, ?> map) {
            TreeMap<String, Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(of(key), item));
            text.append('{');
            sorted.forEach((key, item) -> {
                text.append(key).append('=');
                write(item);
                text.append(';');
            });
            text.append('}');
        } else if (value instanceof Set<?> set) {
            TreeSet<String> sorted = new TreeSet<>();
            set.forEach(item -> sorted.add(of(item)));
            text.append(sorted);
        } else if (value instanceof Collection<?> list) {
            text.append('[');
            for (Object item : list) {
                write(item);
                text.append(';');
            }
            text.append(']');
        } else if (value instanceof String string) {
            text.append(quoted(string));
        } else if (value instanceof Long || value instanceof Integer || value instanceof Boolean) {
            text.append(value);
        } else {
            throw new IllegalArgumentException("no canonical form for " + value.getClass());
        }
    }

    private void writeRecord(Record written) {
        text.append(written.getClass().getSimpleName()).append('(');
        for (RecordComponent component : written.getClass().getRecordComponents()) {
            Object value = componentOf(written, component);
            if (!isAbsent(value)) {
                text.append(component.getName()).append('=');
                write(value);
                text.append(',');
            }
        }
        text.append(')');
    }

    private static Object componentOf(Record written, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(written);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record's component can be read", e);
        }
    }

    private static boolean isAbsent(Object value) {
        return value == null || value instanceof SourceLine || value instanceof Execution || value.equals("")
            || value.equals(false) || value.equals(0) || value.equals(0L) || value instanceof Enum<?> constant && constant.name().equals("NONE")
            || value instanceof Collection<?> collection && collection.isEmpty()
            || value instanceof Map<?, ?> map && map.isEmpty();
    }

    private static String quoted(String string) {
        return '"' + string.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
