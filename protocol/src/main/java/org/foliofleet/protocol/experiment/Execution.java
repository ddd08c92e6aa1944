package org.foliofleet.protocol.experiment;


/**
 * How machines are run. No result depends on it, so it is no part of an experiment's digest, and it may change whenever an
 * experiment is resumed.
 *
 * @param hosting     what becomes an actor
 * @param lanes       over how many lanes, each of which may be in another JVM, a machine is spread; 1 is {@code colocated}
 * @param epochTicks  ticks of an epoch, at least 1: commits are made at ends of epochs
 * @param commitMillis wall time between two commits of a machine; 0 commits every epoch
 * @param branchEvery every so many epochs are kept as branch points; 0 keeps none
 * @param history     whether the journal keeps every event from the beginning
 */
public record Execution(Hosting hosting, int lanes, long epochTicks, long commitMillis, long branchEvery, boolean history) {
    /** What becomes an actor. */
    public enum Hosting {
        /** Every owner: process, VMA, NUMA node, address space and so on. */
        OWNER,
        /** The machine; its owners are plain objects. */
        MACHINE
    }

    public static final Execution DEFAULT = new Execution(Hosting.OWNER, 1, 10_000, 5_000, 0, false);

    public Execution {
        if (lanes < 1 || epochTicks < 1 || branchEvery < 0 || commitMillis < 0) {
            throw new IllegalArgumentException("no machine can be run like this: lanes " + lanes + ", epoch " + epochTicks
                    + " ticks, commit every " + commitMillis + " ms" + ", branch points every " + branchEvery + " epochs");
        }
    }

    public Execution withHosting(Hosting other) {
        return new Execution(other, lanes, epochTicks, commitMillis, branchEvery, history);
    }

    public Execution withLanes(int other) {
        return new Execution(hosting, other, epochTicks, commitMillis, branchEvery, history);
    }

    public Execution withCommitMillis(long other) {
        return new Execution(hosting, lanes, epochTicks, other, branchEvery, history);
    }
}
