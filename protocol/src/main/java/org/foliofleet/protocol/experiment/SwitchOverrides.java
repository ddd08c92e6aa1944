package org.foliofleet.protocol.experiment;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.NearestName;
import org.foliofleet.protocol.policy.Switch;

/** Switches that take the place of those of a file, as a command line or a request gives them. */
public final class SwitchOverrides {
    private SwitchOverrides() {}

    /**
     * The switches of these names.
     *
     * @throws BadInput for the first that does not exist, has no such value, or is not modelled at it
     */
    public static Map<Switch, String> read(Map<String, String> written) {
        Map<Switch, String> switches = new TreeMap<>();
        written.forEach((name, value) -> {
            Switch key = Switch.named(name).orElseThrow(() -> new BadInput("switch " + name + ": there is none of this name"
                + NearestName.hint(name, Arrays.stream(Switch.values()).map(Switch::key).toList())));
            Optional<String> canonical = key.accepted().canonical(value == null ? "" : value);
            if (canonical.isEmpty()) {
                throw new BadInput("switch " + name + ": can not be '" + value + "'; write "
                    + (key.accepted().subset() ? "" : "one of ") + key.accepted().describe());
            }
            if (!key.models(canonical.get())) {
                throw new BadInput("switch " + name + ": '" + canonical.get() + "' is not modelled yet; leave it at "
                    + String.join(" or ", key.modelledValues()));
            }
            switches.put(key, canonical.get());
        });
        return switches;
    }
}
