package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.NearestName;
import org.foliofleet.protocol.policy.Contradiction;
import org.foliofleet.protocol.policy.Switch;

/** Switches that take the place of those of a file, as a command line or a request gives them. */
public final class SwitchOverrides {
    private SwitchOverrides() {}

    /**
     * The switches of these names.
     *
     * @throws BadInput for all that do not exist, have no such value, or are not modelled at it
     */
    public static Map<Switch, String> read(Map<String, String> written) {
        Map<Switch, String> switches = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        written.forEach((name, value) -> read(name, value == null ? "" : value, switches, problems));
        refuse(problems);
        return switches;
    }

    private static void read(String name, String value, Map<Switch, String> switches, List<String> problems) {
        Optional<Switch> found = Switch.named(name);
        if (found.isEmpty()) {
            problems.add("switch " + name + ": there is none of this name"
                + NearestName.hint(name, Arrays.stream(Switch.values()).map(Switch::key).toList()));
            return;
        }
        Switch key = found.get();
        Optional<String> canonical = key.accepted().canonical(value);
        if (canonical.isEmpty()) {
            problems.add("switch " + name + ": can not be '" + value + "'; write "
                + (key.accepted().subset() ? "" : "one of ") + key.accepted().describe());
        } else if (!key.models(canonical.get())) {
            problems.add("switch " + name + ": '" + canonical.get() + "' is not modelled yet; leave it at "
                + String.join(" or ", key.modelledValues()));
        } else {
            switches.put(key, canonical.get());
        }
    }

    /**
     * The experiment under these switches. A switch of its file that they make idle is idle.
     *
     * @throws BadInput for all of the switches that are contradicted, in a machine class, by others
     */
    public static ExperimentSpec apply(Map<Switch, String> switches, ExperimentSpec spec) {
        ExperimentSpec changed = spec.withSwitches(switches);
        List<String> problems = new ArrayList<>();
        for (ExperimentSpec.MachineClass machines : changed.machines()) {
            for (Contradiction each : machines.policies().contradictions()) {
                if (switches.containsKey(each.culprit())) {
                    problems.add("switch " + each.culprit().key() + " in machines " + machines.name() + ": " + each.text());
                }
            }
        }
        refuse(problems);
        return changed;
    }

    private static void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new BadInput(String.join("\n", problems));
        }
    }
}
