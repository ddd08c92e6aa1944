package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** A storm on the shared cluster, and how it must end. */
final class RunningStorm {
    private final String machine;
    private final Storm storm;
    private final int rounds;

    /** Begins. */
    RunningStorm(long seed, int rounds, int epochs, Placement placement) {
        machine = SharedCluster.newMachine();
        this.rounds = rounds;
        storm = new Storm(seed, rounds, epochs);
        run(placement);
    }

    /** How it is run. */
    enum Placement {
        MACHINE("machine 1"), OWNER("owner 1"), SPREAD("owner 3");

        private final String words;

        Placement(String words) {
            this.words = words;
        }

        static Placement of(int number) {
            return values()[number % values().length];
        }

        /** As the order says it. */
        String words() {
            return words;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Is ordered to run in that way. */
    void run(Placement placement) {
        SharedCluster.cluster().run(machine, Storm.text(storm.seed(), rounds), placement.words() + " " + storm.epochTicks() + " 0");
    }

    String machine() {
        return machine;
    }

    /** What was under way in the commits from which it went on. */
    List<Set<UnderWay>> crashedOn() {
        return SharedCluster.cluster().crashes().of(machine).stream().map(storm::underWayAfter).filter(Objects::nonNull).toList();
    }

    void awaitEpochs(int epochs) {
        SharedCluster.cluster().awaitEpochs(machine, epochs);
    }

    /** Waits for its end, which must be the undisturbed one. */
    void assertEndsUndisturbed(String what) {
        assertEquals("ended " + storm.end(), SharedCluster.cluster().end(machine), what);
    }
}
