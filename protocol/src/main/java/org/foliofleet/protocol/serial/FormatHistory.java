package org.foliofleet.protocol.serial;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The generations of the journal's format: each lists the shapes of the classes that may occur in it, or that have changed since
 * the generation before. Every row and batch names the generation that wrote it.
 */
public final class FormatHistory {
    /** Enums whose constants have places in arrays. */
    private static final Set<String> ORDERED = new TreeSet<>(List.of("protocol.message.LatencyKind", "protocol.series.Track", "node.mm.numa.VmEvent",
        "node.mm.numa.FolioStat", "node.mm.numa.SharedUser"));
    private static final Migrations MIGRATIONS = Migrations.of(lines("migrations.txt"));
    private static final List<WrittenShapes> GENERATIONS = generations();

    private FormatHistory() {}

    private static List<WrittenShapes> generations() {
        List<WrittenShapes> all = new ArrayList<>();
        Map<String, WrittenShape> shapes = new TreeMap<>();
        for (int number = 1; ; number++) {
            List<String> lines = lines("generation-" + number + ".txt");
            if (lines.isEmpty()) {
                return List.copyOf(all);
            }
            for (String line : lines) {
                if (line.startsWith("gone ")) {
                    shapes.remove(line.substring("gone ".length()));
                } else if (!line.startsWith("#")) {
                    WrittenShape shape = WrittenShape.of(line);
                    shapes.put(shape.name(), shape);
                }
            }
            all.add(new WrittenShapes(List.copyOf(shapes.values()), MIGRATIONS));
        }
    }

    private static List<String> lines(String resource) {
        try (InputStream in = FormatHistory.class.getResourceAsStream(resource)) {
            return in == null ? List.of() : Arrays.stream(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                .filter(line -> !line.isBlank()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The generation that is written; 0 before the format is frozen. */
    public static int current() {
        return GENERATIONS.size();
    }

    /**
     * The shapes of a generation; null if they are those of today.
     *
     * @throws DecodingException if the generation is a later one, or none
     */
    static WrittenShapes of(int generation, Decoder in) {
        if (generation == current()) {
            return null;
        }
        if (generation < 1 || generation > current()) {
            throw in.damaged("written in generation " + generation + " of the format, this version knows 1 to " + current());
        }
        return GENERATIONS.get(generation - 1);
    }

    /**
     * The shapes of classes as they are now, a line each.
     *
     * @param owners classes of state that others do not name, and the class up to which their fields are listed
     */
    public static List<String> listing(Iterable<Class<?>> classes, Map<Class<?>, Class<?>> owners) {
        TreeMap<String, String> lines = new TreeMap<>();
        owners.forEach((type, root) -> {
            Shape shape = Shape.of(type);
            lines.put(shape.name(), new WrittenShape("state", shape.name(), StateFields.of(type, root).slots(), List.of()).line());
        });
        for (Class<?> type : classes) {
            WrittenShape shape = Shape.of(type).written();
            lines.putIfAbsent(shape.name(), shape.line());
        }
        return List.copyOf(lines.values());
    }

    /** What the lines of a next generation are, beside those that the last has: changed shapes, and classes that are gone. */
    public static List<String> changes(List<String> listing) {
        Map<String, String> known = new LinkedHashMap<>();
        if (current() > 0) {
            GENERATIONS.get(current() - 1).byName().forEach((name, shape) -> known.put(name, shape.line()));
        }
        List<String> changes = new ArrayList<>();
        for (String line : listing) {
            if (!line.equals(known.remove(line.split(" ")[1]))) {
                changes.add(line);
            }
        }
        known.keySet().forEach(name -> changes.add("gone " + name));
        return changes;
    }

    /**
     * What is wrong with changes: classes, components and constants of which older rows could not be read, because {@code migrations.txt}
     * says nothing of them.
     */
    public static List<String> withoutMigration(List<String> listing) {
        Map<String, WrittenShape> now = new TreeMap<>();
        listing.forEach(line -> {
            WrittenShape shape = WrittenShape.of(line);
            now.put(shape.name(), shape);
        });
        List<String> wrong = new ArrayList<>();
        GENERATIONS.forEach(generation -> generation.byName().values().forEach(then -> check(then, now, wrong)));
        return wrong.stream().distinct().toList();
    }

    private static void check(WrittenShape then, Map<String, WrittenShape> all, List<String> wrong) {
        String name = MIGRATIONS.nameNow(then.name());
        WrittenShape now = all.get(name);
        if (name.isEmpty()) {
            return;
        }
        if (now == null || !now.kind().equals(then.kind())) {
            wrong.add((now == null ? "there is no " : "another kind of class is ") + name + " any more; say 'class' or 'gone' in migrations.txt");
            return;
        }
        List<String> written = then.slots().stream().map(slot -> MIGRATIONS.slotNow(name, slot.name())).toList();
        for (WrittenShape.WrittenSlot slot : now.slots()) {
            int at = written.indexOf(slot.name());
            boolean same = at >= 0 && then.slots().get(at).signature().equals(slot.signature());
            if (!same && then.kind().equals("record") && !MIGRATIONS.hasDefault(name, slot.name())) {
                wrong.add(name + "." + slot.name() + " was not written so; say 'slot' or 'default' in migrations.txt");
            }
        }
        List<String> order = then.constants().stream().map(constant -> MIGRATIONS.constantNow(name, constant)).toList();
        if (ORDERED.contains(name) && now.constants().containsAll(order) && !now.constants().subList(0, order.size()).equals(order)) {
            wrong.add("the order of " + name + " is written: its constants stay where they are, new ones come behind them");
        }
        then.constants().stream().map(constant -> MIGRATIONS.constantNow(name, constant)).filter(constant -> !now.constants().contains(constant))
            .forEach(constant -> wrong.add(name + " has no constant " + constant + " any more; say 'constant' in migrations.txt"));
    }
}
