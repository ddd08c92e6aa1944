package org.foliofleet.node.mechanism;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The table of {@code MECHANISMS.md}: a row for each mechanism. Figures are those of the run that wrote it, with
 * {@code -Dmechanisms.write=true}; those of the soak are written by the soak.
 */
public final class MechanismTable {
    /** The columns after the name and the evidence. */
    enum Column {
        /** What the evidence amounts to in the undisturbed run. */
        HAPPENED,
        /** Hostings that ended alike. */
        HOSTINGS,
        /** Crashes in the test command. */
        CRASHES,
        /** Kills of a JVM in the soak. */
        SOAK
    }

    private static final Path FILE = Path.of("MECHANISMS.md");
    private static final String HEAD = "| mechanism | what tells that it happened | times | hostings | crashes | killed in the soak |";

    private final Map<Mechanism, long[]> rows = new EnumMap<>(Mechanism.class);
    private final List<String> problems = new ArrayList<>();

    /** Reads what is written. */
    MechanismTable() {
        for (Mechanism each : Mechanism.values()) {
            List<String> found = lines().stream().filter(line -> line.startsWith("| " + each.about() + " |")).toList();
            if (found.size() != 1) {
                problems.add("'" + each.about() + "' has " + found.size() + " rows");
                rows.put(each, new long[Column.values().length]);
                continue;
            }
            String[] cells = found.get(0).split(Pattern.quote("|"));
            if (!cells[2].trim().equals("`" + each.evidence() + "`")) {
                problems.add("'" + each.about() + "' is told by " + each.evidence() + ", not by " + cells[2].trim());
            }
            rows.put(each, Arrays.stream(cells, 3, 3 + Column.values().length).mapToLong(cell -> Long.parseLong(cell.trim())).toArray());
        }
    }

    /** What is wrong with rows. */
    List<String> problems() {
        return problems;
    }

    long of(Mechanism mechanism, Column column) {
        return rows.get(mechanism)[column.ordinal()];
    }

    void set(Mechanism mechanism, Column column, long figure) {
        rows.get(mechanism)[column.ordinal()] = figure;
    }

    /** Writes the figures of the soak. */
    public static void writeSoak(Map<Mechanism, Integer> kills) {
        MechanismTable table = new MechanismTable();
        for (Mechanism each : Mechanism.values()) {
            table.set(each, Column.SOAK, kills.getOrDefault(each, 0));
        }
        table.write();
    }

    /** Writes all figures. */
    void write() {
        List<String> text = new ArrayList<>();
        for (String line : lines()) {
            if (!line.startsWith("| ")) {
                text.add(line);
            } else if (line.equals(HEAD)) {
                text.add(line);
            }
            if (line.startsWith("| ---")) {
                text.add(line);
                rows.forEach((mechanism, figures) -> text.add("| " + mechanism.about() + " | `" + mechanism.evidence() + "` | "
                        + String.join(" | ", Arrays.stream(figures).mapToObj(Long::toString).toList()) + " |"));
            }
        }
        try {
            Files.write(FILE, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
