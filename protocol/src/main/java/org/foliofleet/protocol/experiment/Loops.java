package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.program.Amount;

/**
 * The loops around a step, outermost first.
 *
 * @param names     the names of their indexes; empty text for a loop without one
 * @param lastIndex the index of the last round of each, at most
 */
record Loops(List<String> names, List<Long> lastIndex) {
    static final Loops NONE = new Loops(List.of(), List.of());

    Loops inside(String name, Amount times) {
        List<String> moreNames = new ArrayList<>(names);
        moreNames.add(name);
        List<Long> moreBounds = new ArrayList<>(lastIndex);
        moreBounds.add(Math.max(0, times.most(bounds()) - 1));
        return new Loops(List.copyOf(moreNames), List.copyOf(moreBounds));
    }

    long[] bounds() {
        return lastIndex.stream().mapToLong(Long::longValue).toArray();
    }
}
