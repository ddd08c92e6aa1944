package org.foliofleet.protocol.serial;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What has become of classes, components and constants since the format was frozen; lines of {@code migrations.txt}:
 * <pre>
 * class   mm.numa.OldName mm.numa.NewName       a class was renamed
 * gone    mm.numa.OldName                       a class was removed: its values are read and become null
 * slot    mm.numa.Folio oldName newName         a component or field was renamed; the class by its name now
 * default mm.numa.Folio pins 0                  what a component is in rows that do not have it: a number, true, false, null, "" or [] or
 *                                               the name of a constant of its class
 * constant mm.vma.Kind OLD NEW                  a constant of an enum was renamed
 * </pre>
 */
final class Migrations {
    private final Map<String, String> classes = new TreeMap<>();
    private final Map<String, String> slots = new TreeMap<>();
    private final Map<String, String> defaults = new TreeMap<>();
    private final Map<String, String> constants = new TreeMap<>();

    static Migrations of(List<String> lines) {
        Migrations migrations = new Migrations();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            switch (words[0]) {
                case "class" -> migrations.classes.put(words[1], words[2]);
                case "gone" -> migrations.classes.put(words[1], "");
                case "slot" -> migrations.slots.put(words[1] + "." + words[2], words[3]);
                case "default" -> migrations.defaults.put(words[1] + "." + words[2], words[3]);
                case "constant" -> migrations.constants.put(words[1] + "." + words[2], words[3]);
                default -> {
                    if (!line.isBlank() && !line.startsWith("#")) {
                        throw new IllegalStateException("migrations.txt: nothing is known of '" + line + "'");
                    }
                }
            }
        }
        return migrations;
    }

    /** What a class is called now; empty if it is gone. */
    String nameNow(String nameThen) {
        String name = nameThen;
        for (String next = classes.get(name); next != null; next = classes.get(name)) {
            name = next;
        }
        return name;
    }

    /** What a class was called when those were all. */
    String nameThen(String nameNow, Set<String> all) {
        if (all.contains(nameNow) || classes.isEmpty()) {
            return nameNow;
        }
        return all.stream().filter(name -> nameNow(name).equals(nameNow)).findFirst().orElse(nameNow);
    }

    /** What a component of that class, by its name now, is called now. */
    String slotNow(String classNow, String slotThen) {
        String name = slotThen;
        for (String next = slots.get(classNow + "." + name); next != null; next = slots.get(classNow + "." + name)) {
            name = next;
        }
        return name;
    }

    String constantNow(String classNow, String constantThen) {
        String name = constantThen;
        for (String next = constants.get(classNow + "." + name); next != null; next = constants.get(classNow + "." + name)) {
            name = next;
        }
        return name;
    }

    /** Whether it is said what a component is where it was not written. */
    boolean hasDefault(String classNow, String slot) {
        return defaults.containsKey(classNow + "." + slot);
    }

    /** What a component is in rows that do not have it. */
    Object missing(String classNow, String slot, Class<?> type) {
        String written = defaults.get(classNow + "." + slot);
        if (written == null || written.equals("null")) {
            return type == boolean.class ? (Object) false : type.isPrimitive() ? number(type, 0) : null;
        }
        if (type.isPrimitive() && type != boolean.class) {
            return number(type, Long.parseLong(written));
        }
        return switch (written) {
            case "true", "false" -> Boolean.valueOf(written);
            case "\"\"" -> "";
            case "[]" -> new ArrayList<>();
            default -> constant(type, written);
        };
    }

    private static Object number(Class<?> type, long value) {
        return type == int.class ? (Object) (int) value : type == short.class ? (Object) (short) value : type == byte.class ? (Object) (byte) value
                : type == char.class ? (Object) (char) value : type == double.class ? (Object) (double) value
                : type == float.class ? (Object) (float) value : (Object) value;
    }

    private static Object constant(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("migrations.txt: " + type.getName() + " has no constant " + name, e);
        }
    }
}
