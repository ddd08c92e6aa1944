package org.foliofleet.protocol.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.foliofleet.protocol.NearestName;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.SettingCatalog;
import org.foliofleet.protocol.policy.Switch;

/**
 * Reads {@code [CLASS:]NAME=VALUE[,VALUE…]}. A comma within braces or parentheses belongs to its value: {@code {mlock,munlock}}
 * is one value, and so is {@code (0.1,1ms)}.
 */
final class AxisReader {
    private static final List<String> SPACED = List.of("mthp", "shmem_mthp", "weight");

    private final ExperimentSpec spec;
    private final List<String> problems;
    private final Set<String> names = new LinkedHashSet<>();

    /**
     * @param spec     or null: it could not be read, and its machine classes are not known
     * @param problems where messages go
     */
    AxisReader(ExperimentSpec spec, List<String> problems) {
        this.spec = spec;
        this.problems = problems;
    }

    /** The switch that is written, or null with a message. */
    Axis ofSwitch(String written) {
        return read("--switch " + written, written, name -> {
            Optional<Switch> found = Switch.named(name);
            if (found.isEmpty()) {
                List<String> known = Arrays.stream(Switch.values()).map(Switch::key).toList();
                problems.add("--switch " + written + ": no switch is called '" + name + "'"
                    + (SettingCatalog.named(spaced(name)).isPresent() ? "; it is a setting: write --kernel" : NearestName.hint(name, known)));
            }
            return found.map(key -> new Axis("", key, "", List.of())).orElse(null);
        });
    }

    /** The kernel setting that is written, or null with a message. */
    Axis ofSetting(String written) {
        return read("--kernel " + written, written, name -> {
            String key = spaced(name);
            if (SettingCatalog.named(key).isEmpty()) {
                problems.add("--kernel " + written + ": no kernel setting is called '" + name + "'"
                    + (Switch.named(name).isPresent() ? "; it is a switch: write --switch" : NearestName.hint(key, SettingCatalog.keys())));
                return null;
            }
            return new Axis("", null, key, List.of());
        });
    }

    /** {@code mthp.64k} is {@code mthp 64k}. */
    private static String spaced(String name) {
        int dot = name.indexOf('.');
        return dot > 0 && SPACED.contains(name.substring(0, dot)) ? name.substring(0, dot) + " " + name.substring(dot + 1) : name;
    }

    private Axis read(String place, String written, Function<String, Axis> find) {
        int equals = written.indexOf('=');
        if (equals <= 0) {
            problems.add(place + ": there is no value; write NAME=VALUE,VALUE");
            return null;
        }
        String left = written.substring(0, equals).strip();
        int colon = left.indexOf(':');
        String machines = colon < 0 ? "" : left.substring(0, colon).strip();
        if (colon >= 0 && spec != null && spec.machines().stream().noneMatch(each -> each.name().equals(machines))) {
            List<String> known = spec.machines().stream().map(MachineClass::name).toList();
            problems.add(place + ": no machine class is called '" + machines + "'; write one of " + String.join(", ", known));
        }
        Axis found = find.apply(left.substring(colon + 1).strip());
        if (found == null) {
            return null;
        }
        List<String> values = values(place, found, written.substring(equals + 1));
        Axis axis = new Axis(machines, found.key(), found.setting(), values);
        if (!names.add(axis.name())) {
            problems.add(place + ": " + axis.name() + " is given twice; write all its values in one option");
        }
        return axis;
    }

    private List<String> values(String place, Axis axis, String written) {
        List<String> values = new ArrayList<>();
        for (String each : parts(written)) {
            Optional<String> value = axis.key() != null ? switchValue(place, axis.key(), each) : settingValue(place, axis.setting(), each);
            if (value.isPresent() && values.contains(value.get())) {
                problems.add(place + ": '" + value.get() + "' stands twice; remove one");
            } else {
                value.ifPresent(values::add);
            }
        }
        return values;
    }

    private Optional<String> switchValue(String place, Switch key, String written) {
        Optional<String> value = written.isBlank() ? Optional.empty() : key.accepted().canonical(written);
        if (value.isEmpty()) {
            problems.add(place + ": " + key.key() + " can not be '" + written.strip() + "'; write "
                + (key.accepted().subset() ? key.accepted().describe() + " in braces, such as {" + key.accepted().words().get(0) + "}, or {}"
                    : "one of " + key.accepted().describe()));
        } else if (!key.models(value.get())) {
            problems.add(place + ": " + key.key() + " at '" + value.get() + "' is not modelled yet; write "
                + String.join(" or ", key.modelledValues()));
            return Optional.empty();
        }
        return value;
    }

    private Optional<String> settingValue(String place, String key, String written) {
        SettingCatalog.Setting setting = SettingCatalog.named(key).orElseThrow();
        Optional<String> value = setting.canonical(written.strip());
        if (value.isEmpty()) {
            problems.add(place + ": " + key + " can not be '" + written.strip() + "'; write " + setting.describe());
        } else if (!setting.modelled() && !value.get().equals(setting.defaultValue())) {
            problems.add(place + ": " + key + " at '" + value.get() + "' is not modelled yet; leave it at " + setting.defaultValue());
            return Optional.empty();
        }
        return value;
    }

    /** What commas outside of braces and parentheses part. */
    static List<String> parts(String written) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < written.length(); i++) {
            char letter = written.charAt(i);
            depth += letter == '{' || letter == '(' ? 1 : letter == '}' || letter == ')' ? -1 : 0;
            if (letter == ',' && depth == 0) {
                parts.add(written.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(written.substring(start));
        return parts;
    }
}
