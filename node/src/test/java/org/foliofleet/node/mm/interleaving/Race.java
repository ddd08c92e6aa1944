package org.foliofleet.node.mm.interleaving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;

/**
 * Two operations on equal machines, of which one begins at every distance in time after the other until that is over, in
 * both orders. After each tick what always holds is checked, and at the end of each run everything.
 */
final class Race {
    /** Starts an operation; replies the number of its answer. */
    interface Operation extends ToLongFunction<StatementBench> {}

    /** How a run ended, in words. */
    interface Outcome {
        /**
         * @param one   how the first operation of the pair ended, whichever began first
         * @param other how the second one did
         */
        String of(StatementBench bench, String one, String other);
    }

    private static final int MOST_TICKS = 20_000;

    private final Supplier<StatementBench> machines;
    private final String[] before;
    private Consumer<StatementBench> between = bench -> {};
    /** Outcome to the runs it came up in, as "one&lt;other 3" (one began three ticks before other). */
    private final Map<String, List<String>> seen = new TreeMap<>();
    /** Outcomes of runs in which one began while the other was under way. */
    private final TreeSet<String> amid = new TreeSet<>();

    Race(Supplier<StatementBench> machines, String... before) {
        this.machines = machines;
        this.before = before;
    }

    /** A small machine of one node with swap. */
    static Race on(String... before) {
        return new Race(() -> new StatementBench(Map.of("f", 1024L), 1 << 14), before);
    }

    static Operation call(String statement) {
        return bench -> bench.submit(statement);
    }

    /** Looks at the machine after every tick. */
    Race always(Consumer<StatementBench> check) {
        between = check;
        return this;
    }

    /** Runs the pair at all distances in both orders. */
    Race run(Operation one, Operation other, Outcome outcome) {
        runFrom(one, other, outcome, true);
        runFrom(other, one, outcome, false);
        return this;
    }

    Race run(String one, String other, Outcome outcome) {
        return run(call(one), call(other), outcome);
    }

    private void runFrom(Operation first, Operation second, Outcome outcome, boolean inOrder) {
        boolean over = false;
        for (int distance = 0; !over; distance++) {
            StatementBench bench = machines.get();
            bench.run(before);
            bench.changes("");
            Machine machine = bench.machine();
            long numberOfFirst = first.applyAsLong(bench);
            String endOfFirst = null;
            for (int i = 0; i < distance; i++) {
                step(bench);
                endOfFirst = endOfFirst == null ? bench.outcome(numberOfFirst) : endOfFirst;
            }
            over = endOfFirst != null;
            long numberOfSecond = second.applyAsLong(bench);
            while (step(bench)) {
                assertTrue(machine.tick() < MOST_TICKS, "it goes on and on");
            }
            machine.requireFinishedIfQuiet();
            endOfFirst = endOfFirst == null ? bench.outcome(numberOfFirst) : endOfFirst;
            String endOfSecond = bench.outcome(numberOfSecond);
            Invariants.quiet(machine);
            String words = outcome.of(bench, inOrder ? endOfFirst : endOfSecond, inOrder ? endOfSecond : endOfFirst);
            Invariants.quiet(machine);
            if (!over) {
                amid.add(words);
            }
            seen.computeIfAbsent(words, key -> new ArrayList<>()).add((inOrder ? "one+" : "other+") + distance);
        }
    }

    private boolean step(StatementBench bench) {
        boolean more = bench.machine().step();
        Invariants.always(bench.machine());
        between.accept(bench);
        return more;
    }

    /** The outcomes are exactly these, and each came up while both operations were under way. */
    void saw(String... outcomes) {
        sawAmid(outcomes);
        assertEquals(seen.keySet(), amid, "each order comes up while both are under way");
    }

    /** The outcomes are exactly these; some may need one operation to be over before the other begins. */
    void sawAmid(String... outcomes) {
        assertEquals(String.join("\n", new TreeSet<>(List.of(outcomes))), String.join("\n", seen.keySet()), () -> "in " + seen);
        assertFalse(amid.isEmpty(), "they never overlapped");
    }
}
