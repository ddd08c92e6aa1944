package org.foliofleet.protocol.control;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.SwitchOverrides;

/**
 * What an experiment is made of, so that every JVM can load it anew.
 *
 * @param name     of the file or the bundled experiment, for messages
 * @param text     the YAML
 * @param seed     takes the place of that of the file, or null
 * @param switches policies that take the place of those of the file, in all machine classes
 * @param origin   the experiment and branch point from which it goes on, or null
 */
public record ExperimentSource(String name, String text, Long seed, Map<String, String> switches, Origin origin) {
    public ExperimentSource {
        switches = switches == null ? Map.of() : Collections.unmodifiableSortedMap(new TreeMap<>(switches));
    }

    /**
     * A bundled experiment by its name, or else the file of that name, as it is written.
     *
     * @throws BadInput if it is neither, can not be read, or is not UTF-8
     */
    public static ExperimentSource of(String nameOrFile) {
        SpecLoader.Text text = SpecLoader.text(nameOrFile);
        SpecLoader.read(text.yaml(), text.source());
        return new ExperimentSource(text.source(), new String(text.yaml(), StandardCharsets.UTF_8), null, Map.of(), null);
    }

    public ExperimentSource withSeed(Long other) {
        return new ExperimentSource(name, text, other, switches, origin);
    }

    /** The same with more switches; they take the place of those given before. */
    public ExperimentSource withSwitches(Map<String, String> others) {
        Map<String, String> all = new TreeMap<>(switches);
        all.putAll(others);
        return new ExperimentSource(name, text, seed, all, origin);
    }

    /** The same with other values for parameters of the file: a line {@code set: {…}} at its end. */
    public ExperimentSource withParameters(Map<String, String> values) {
        if (values.isEmpty()) {
            return this;
        }
        StringBuilder line = new StringBuilder("\nset: {");
        values.forEach((key, value) -> line.append(line.length() > 7 ? ", " : "").append('\'').append(key.replace("'", "''")).append("': '")
            .append(String.valueOf(value).replace("'", "''").replaceAll("\\R", " ")).append('\''));
        return new ExperimentSource(name, text + line.append("}\n"), seed, switches, origin);
    }

    public ExperimentSource from(Origin other) {
        return new ExperimentSource(name, text, seed, switches, other);
    }

    /**
     * The experiment in which the overrides are.
     *
     * @throws BadInput if it can not be used
     */
    public ExperimentSpec load() {
        ExperimentSpec written = SpecLoader.read(text.getBytes(StandardCharsets.UTF_8), name);
        ExperimentSpec seeded = seed == null ? written : written.withSeed(seed);
        return SwitchOverrides.apply(SwitchOverrides.read(switches), seeded);
    }

    /** A branch point of another experiment. */
    public record Origin(String experiment, long epoch) {}
}
