package org.foliofleet.node.mm.mempolicy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.Mempolicy.Mode;
import org.foliofleet.protocol.message.Mempolicy.Relation;
import org.foliofleet.protocol.program.MemoryCall.NumaPolicy;

/** What system calls make policies of: {@code sanitize_mpol_flags()}, {@code mpol_new()} and {@code mpol_set_nodemask()}. */
public final class Mempolicies {
    /** @param policy null for the default; says nothing if not {@code valid} */
    public record Made(boolean valid, Mempolicy policy) {}

    private static final Made INVALID = new Made(false, null);

    private Mempolicies() {}

    /** The policy that a call names. */
    public static Made make(NumaPolicy call, Topology topology) {
        boolean isStatic = call.modeFlags().contains("static");
        boolean isRelative = call.modeFlags().contains("relative");
        boolean balancing = call.modeFlags().contains("balancing");
        String mode = call.mode();
        if (isStatic && isRelative || balancing && !mode.equals("bind") && !mode.equals("preferred-many")) {
            return INVALID;
        }
        boolean none = call.nodes().isEmpty();
        if (mode.equals("default")) {
            return none ? new Made(true, null) : INVALID;
        }
        if (mode.equals("local") || mode.equals("preferred") && none) {
            return !none || isStatic || isRelative ? INVALID : new Made(true, local());
        }
        List<Integer> nodes = isRelative ? fold(call.nodes(), topology.nodes().size()) : present(call.nodes(), topology.nodes().size());
        if (nodes.isEmpty()) {
            return INVALID;
        }
        Mode its = switch (mode) {
            case "preferred" -> Mode.PREFERRED;
            case "bind" -> Mode.BIND;
            case "interleave" -> Mode.INTERLEAVE;
            case "weighted-interleave" -> Mode.WEIGHTED_INTERLEAVE;
            case "preferred-many" -> Mode.PREFERRED_MANY;
            default -> throw new IllegalArgumentException("no policy is called '" + mode + "'");
        };
        Relation relation = isStatic ? Relation.STATIC : isRelative ? Relation.RELATIVE : Relation.NONE;
        return new Made(true, new Mempolicy(its, balancing, relation, its == Mode.PREFERRED ? nodes.subList(0, 1) : nodes,
                new ArrayList<>(new TreeSet<>(call.nodes()))));
    }

    /** Where the CPU is. */
    public static Mempolicy local() {
        return new Mempolicy(Mode.LOCAL, false, Relation.NONE, List.of(), List.of());
    }

    private static List<Integer> present(List<Integer> named, int nodes) {
        TreeSet<Integer> all = new TreeSet<>(named);
        all.removeIf(node -> node >= nodes);
        return new ArrayList<>(all);
    }

    /** {@code mpol_relative_nodemask()}. */
    private static List<Integer> fold(List<Integer> named, int nodes) {
        TreeSet<Integer> all = new TreeSet<>();
        named.forEach(node -> all.add(node % nodes));
        return new ArrayList<>(all);
    }
}
