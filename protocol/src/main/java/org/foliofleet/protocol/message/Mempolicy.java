package org.foliofleet.protocol.message;

import java.util.List;

/**
 * {@code struct mempolicy}: on which nodes memory is to be allocated. No policy at all is null.
 *
 * @param balancing {@code MPOL_F_NUMA_BALANCING}: NUMA hint faults may move pages
 * @param relation  of {@code nodes} to those that were named
 * @param nodes     numbers, ascending; empty for {@link Mode#LOCAL} only, one for {@link Mode#PREFERRED}
 * @param named     by the user, ascending; kept because {@code mpol_equal()} compares it where the relation is not {@link Relation#NONE}
 */
public record Mempolicy(Mode mode, boolean balancing, Relation relation, List<Integer> nodes, List<Integer> named) {
    /** {@code MPOL_LOCAL} and so on; the words are those of {@code numa_maps}. */
    public enum Mode {
        LOCAL("local"), PREFERRED("prefer"), BIND("bind"), INTERLEAVE("interleave"), WEIGHTED_INTERLEAVE("weighted interleave"),
        PREFERRED_MANY("prefer (many)");

        private final String word;

        Mode(String word) {
            this.word = word;
        }
    }

    /** {@code MPOL_F_STATIC_NODES}, {@code MPOL_F_RELATIVE_NODES}. */
    public enum Relation { NONE, STATIC, RELATIVE }

    public Mempolicy {
        nodes = List.copyOf(nodes);
        named = relation == Relation.NONE ? List.of() : List.copyOf(named);
    }

    public boolean isInterleaved() {
        return mode == Mode.INTERLEAVE || mode == Mode.WEIGHTED_INTERLEAVE;
    }

    /** As {@code numa_maps} shows it: {@code mpol_to_str()}. */
    public String word() {
        StringBuilder text = new StringBuilder(mode.word);
        String separator = "=";
        if (relation != Relation.NONE) {
            text.append(separator).append(relation == Relation.STATIC ? "static" : "relative");
            separator = "|";
        }
        if (balancing) {
            text.append(separator).append("balancing");
        }
        for (int i = 0; i < nodes.size(); i++) {
            int last = i;
            while (last + 1 < nodes.size() && nodes.get(last + 1) == nodes.get(last) + 1) {
                last++;
            }
            text.append(i == 0 ? ':' : ',').append(nodes.get(i));
            if (last > i) {
                text.append('-').append(nodes.get(last));
            }
            i = last;
        }
        return text.toString();
    }
}
