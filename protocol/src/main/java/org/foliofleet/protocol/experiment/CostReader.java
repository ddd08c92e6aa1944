package org.foliofleet.protocol.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.foliofleet.protocol.policy.CostTable;

/**
 * Reads what operations take: the name of a table that comes with the program, or a map of figures that differ from one
 * ({@code {like: far-memory, anon_fault: 900ns}}). The figures become kernel settings.
 */
final class CostReader {
    /** The tables that come with the program. */
    static final List<String> BUNDLED = List.of("measured", "far-memory", "fast-swap");

    private final Problems problems;
    private final Values values;

    CostReader(Problems problems) {
        this.problems = problems;
        values = new Values(problems);
    }

    /** All figures, as settings. */
    SortedMap<String, String> read(Yaml written) {
        if (!(written instanceof Yaml.Scalar)) {
            return figures(written);
        }
        String name = values.text(written, "'costs'");
        if (BUNDLED.contains(name)) {
            return bundled(name);
        }
        if (CostFiles.isFile(name)) {
            problems.add(written.at(), "'costs' names the file '" + name + "', which only the command line of an experiment in a file can read",
                "write the figures here: {anon_fault: 900ns}");
        } else if (!name.isEmpty()) {
            problems.unknown(written.at(), "cost table", name, BUNDLED);
        }
        return bundled("measured");
    }

    /** A map of figures, or a whole file of them. */
    SortedMap<String, String> figures(Yaml written) {
        Fields f = new Fields(written, "a cost table", problems);
        Yaml like = f.optional("like");
        Yaml about = f.optional("about");
        if (about != null) {
            values.text(about, "'about'");
        }
        SortedMap<String, String> settings = like == null ? measured() : bundled(values.word(like, "'like'", BUNDLED));
        for (String name : CostTable.MEASURED.figures().keySet()) {
            Yaml figure = f.optional(name);
            if (figure != null) {
                settings.put(SettingCatalog.COSTS + name, Long.toString(values.fixed(figure, "'" + name + "'", Units.NANOS, 0)));
            }
        }
        f.finish();
        return settings;
    }

    private static SortedMap<String, String> measured() {
        SortedMap<String, String> settings = new TreeMap<>();
        CostTable.MEASURED.figures().forEach((name, nanos) -> settings.put(SettingCatalog.COSTS + name, Long.toString(nanos)));
        return settings;
    }

    private static SortedMap<String, String> bundled(String name) {
        try (InputStream in = CostReader.class.getResourceAsStream("/costs/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("no bundled cost table " + name);
            }
            Problems none = new Problems(name + ".yaml");
            SortedMap<String, String> settings = new CostReader(none).figures(YamlReader.read(in.readAllBytes(), name + ".yaml"));
            none.throwIfAny();
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What differs from the measured table, as it is written in an experiment. */
    static String inline(Map<String, String> settings) {
        StringBuilder text = new StringBuilder("{");
        settings.forEach((key, nanos) -> {
            if (!SettingCatalog.named(key).orElseThrow().defaultValue().equals(nanos)) {
                text.append(text.length() == 1 ? "" : ", ").append(key.substring(SettingCatalog.COSTS.length())).append(": ").append(nanos).append("ns");
            }
        });
        return text.append('}').toString();
    }
}
