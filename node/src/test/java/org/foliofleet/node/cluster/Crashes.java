package org.foliofleet.node.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The commits that machines went on from, by what is told of them: {@code MACHINE running INCARNATION EPOCH TICK DIGEST}. */
final class Crashes {
    private final Map<String, Long> incarnations = new HashMap<>();
    private final Map<String, List<Long>> ticks = new HashMap<>();

    void note(String line) {
        String[] words = line.split(" ");
        if (words[1].equals("running")) {
            long incarnation = Long.parseLong(words[2]);
            Long before = incarnations.put(words[0], incarnation);
            if (before != null && incarnation > before) {
                ticks.computeIfAbsent(words[0], machine -> new ArrayList<>()).add(Long.parseLong(words[4]));
            }
        }
    }

    /** The last ticks of the commits to which a machine stepped back. */
    List<Long> of(String machine) {
        return ticks.getOrDefault(machine, List.of());
    }
}
