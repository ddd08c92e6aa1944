package org.foliofleet.protocol.experiment;

import java.time.Duration;

/**
 * How machines are run. No result depends on it, so it is no part of an experiment's digest, and it may change whenever an
 * experiment is resumed.
 *
 * @param hosting     what becomes an actor
 * @param lanes       over how many lanes, each of which may be in another JVM, a machine is spread; 1 is {@code colocated}
 * @param epochTicks  ticks of an epoch, at least 1: commits are made at ends of epochs
 * @param commitEvery wall time between two commits of a machine; zero commits every epoch
 * @param branchEvery every so many epochs are kept as branch points; 0 keeps none
 * @param history     whether the journal keeps every event from the beginning
 */
public record Execution(Hosting hosting, int lanes, long epochTicks, Duration commitEvery, long branchEvery, boolean history) {
    /** What becomes an actor. */
    public enum Hosting {
        /** Every owner: process, VMA, NUMA node, address space and so on. */
        OWNER,
        /** The machine; its owners are plain objects. */
        MACHINE
    }

    public static final Execution DEFAULT = new Execution(Hosting.OWNER, 1, 10_000, Duration.ofSeconds(5), 0, false);

    public Execution {
        if (lanes < 1 || epochTicks < 1 || branchEvery < 0 || commitEvery.isNegative()) {
            throw new IllegalArgumentException("no machine can be run like this: lanes " + lanes + ", epoch " + epochTicks
                    + " ticks, commit every " + commitEvery + ", branch points every " + branchEvery + " epochs");
        }
    }

    public Execution withHosting(Hosting other) {
        return new Execution(other, lanes, epochTicks, commitEvery, branchEvery, history);
    }

    public Execution withLanes(int other) {
        return new Execution(hosting, other, epochTicks, commitEvery, branchEvery, history);
    }

    public Execution withCommitEvery(Duration other) {
        return new Execution(hosting, lanes, epochTicks, other, branchEvery, history);
    }
}
