package org.foliofleet.protocol.compare;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.policy.Switch;

/**
 * What is varied: a switch or a kernel setting, with the values that it takes in turn.
 *
 * @param machines the class in which it is, or empty: all
 * @param key      the switch, or null
 * @param setting  the kernel setting, or empty
 * @param values   in canonical spelling, at least one, no two alike; one value alone is a setting of all runs
 */
public record Axis(String machines, Switch key, String setting, List<String> values) {
    public Axis {
        values = List.copyOf(values);
    }

    /** What it is called on a command line. */
    public String name() {
        return (machines.isEmpty() ? "" : machines + ":") + (key == null ? setting : key.key());
    }

    /** Whether it sets something in machines of that class. */
    boolean concerns(MachineClass each) {
        return machines.isEmpty() || machines.equals(each.name());
    }

    /** These machines at that value. */
    MachineClass set(MachineClass each, String value) {
        if (!concerns(each)) {
            return each;
        }
        if (key != null) {
            return each.with(each.policies().with(key, value));
        }
        Map<String, String> settings = new TreeMap<>(each.settings());
        settings.put(setting, value);
        return each.withSettings(settings);
    }
}
