package org.foliofleet.node.journal;

import java.util.function.LongSupplier;

/**
 * Whether this JVM stood still for longer than others wait before they take its machines: it may have been frozen, or its
 * host asleep. A thread that has nothing else to do gives signs of life; whoever is about to write looks whether they came.
 */
final class SleepGuard {
    private final LongSupplier clock;
    private final long limit;
    private long lastSign;
    private long sleeps;

    /**
     * @param clock nanoseconds that go on while the JVM stands still
     * @param limit nanoseconds between two signs
     */
    SleepGuard(LongSupplier clock, long limit) {
        this.clock = clock;
        this.limit = limit;
        lastSign = clock.getAsLong();
    }

    /** A sign of life. */
    synchronized void sign() {
        sleeps();
    }

    /** How often it stood still until now. */
    synchronized long sleeps() {
        long now = clock.getAsLong();
        if (now - lastSign > limit) {
            sleeps++;
        }
        lastSign = now;
        return sleeps;
    }

    /** @throws StoodStill if it stood still since {@link #sleeps} were so many */
    void requireAwakeSince(long since) {
        if (sleeps() != since) {
            throw new StoodStill(limit);
        }
    }

    /** What this JVM was running may be run by another now: nothing may be written before that is known. */
    static final class StoodStill extends RuntimeException {
        private static final long serialVersionUID = 1;

        StoodStill(long limit) {
            super("this JVM stood still for more than " + limit / 1_000_000 + " ms; another may go on with the machine");
        }
    }
}
