package org.foliofleet.node.trace;

import java.util.SortedMap;
import java.util.TreeMap;

/** What a trace held that the model was not told, by name. */
public final class NotReplayed {
    private static final int NAME_LIMIT = 200;
    private final SortedMap<String, Long> counts = new TreeMap<>();

    /** Counts one thing that was left out. Beyond a few hundred different names they share one. */
    public void count(String name) {
        String kept = counts.containsKey(name) || counts.size() < NAME_LIMIT ? name : "other";
        counts.merge(kept, 1L, Long::sum);
    }

    public SortedMap<String, Long> counts() {
        return counts;
    }
}
