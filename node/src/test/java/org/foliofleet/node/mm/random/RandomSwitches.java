package org.foliofleet.node.mm.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.protocol.policy.Switch;
import org.foliofleet.protocol.program.RandomStream;

/** Draws values of switches for random programs. */
final class RandomSwitches {
    /** Values by which the kernel is wrong on purpose: what programs then see, the invariants forbid. */
    private static final Map<Switch, Set<String>> WRONG = Map.of(
        Switch.RELOCATE_NONPRESENT, Set.of("skip"),
        Switch.RELOCATE_SHARED_TEST, Set.of("mapcount_only"));

    private RandomSwitches() {}

    /** @param ofMoves only those of thread C, and always a way to relocate */
    static KernelSettings draw(KernelSettings before, RandomStream draw, boolean ofMoves) {
        KernelSettings settings = before;
        for (Switch each : Switch.values()) {
            boolean wanted = ofMoves ? each.group().equals("C") : draw.below(3) == 0;
            boolean mustDepart = each == Switch.RELOCATE_NONPRESENT || ofMoves && each == Switch.MREMAP_RELOCATE;
            if (wanted || mustDepart) {
                List<String> values = values(each);
                if (mustDepart) {
                    values.remove(each.defaultValue());
                }
                settings = settings.with(each.key(), values.get((int) draw.below(values.size())));
            }
        }
        return settings;
    }

    /** The values that are spelled as words and that the model honours. */
    private static List<String> values(Switch each) {
        List<String> values = new ArrayList<>();
        String described = each.accepted().describe();
        if (described.startsWith("a list of ")) {
            return new ArrayList<>(List.of("{}", "{" + described.substring(10).replace(" ", "") + "}"));
        }
        for (String word : described.replaceAll("\\(probability, hold time\\)", "(.2,1us)").replace("(n)", "(3)").split(", ")) {
            if (each.models(word) && !WRONG.getOrDefault(each, Set.of()).contains(word)) {
                values.add(word);
            }
        }
        return values;
    }
}
