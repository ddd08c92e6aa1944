package org.foliofleet.coordinator.http;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentSpec;

/**
 * Whether an experiment can be run.
 *
 * @param name   of the experiment; empty if it is not valid
 * @param spec   digest of what would be run; empty if it is not valid
 * @param errors all at once, in the order of lines
 */
record Validation(boolean valid, String name, String spec, long machines, List<Mistake> errors) {
    private static final Pattern PLACE = Pattern.compile("(?s)(?:.*?:)??([0-9]+):([0-9]+): (.*)");

    /** @param line and column, from 1; 0 if it is nowhere */
    record Mistake(int line, int column, String message) {}

    static Validation of(ExperimentSource source) {
        try {
            ExperimentSpec spec = source.load();
            return new Validation(true, spec.name(), spec.digest(), spec.machines().stream().mapToLong(ExperimentSpec.MachineClass::count).sum(), List.of());
        } catch (BadInput e) {
            List<Mistake> mistakes = new ArrayList<>();
            e.getMessage().lines().forEach(line -> mistakes.add(mistake(source.name(), line)));
            return new Validation(false, "", "", 0, mistakes);
        }
    }

    private static Mistake mistake(String name, String line) {
        String rest = line.startsWith(name + ":") ? line.substring(name.length() + 1).strip() : line;
        Matcher matcher = PLACE.matcher(rest);
        if (!matcher.matches() || matcher.group(1).length() > 9 || matcher.group(2).length() > 9) {
            return new Mistake(0, 0, rest);
        }
        return new Mistake(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), matcher.group(3));
    }
}
