package org.foliofleet.node.workload;

import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.ProgramCursor;

/** A process of an experiment while it lives: where it is in its program, and what it waits for. */
final class ProcessRun {
    final String name;
    final long ordinal;
    final ProcessRun parent;
    final ProgramCursor cursor;
    final long deadline;
    int children;
    /** The tick in which it acts next; what the agenda says of another tick no longer holds. */
    long dueAt;
    boolean joining;
    boolean exiting;
    boolean gone;

    /** What is under way, for when it ends. */
    Pending pending;

    /**
     * A call under way.
     *
     * @param child the process that a fork makes, or null
     * @param line  line in the experiment file
     * @param since tick in which it was submitted
     */
    record Pending(String call, Expectation expect, ProcessRun child, int line, long since) {}

    /**
     * @param ordinal  the order in which processes came to life; processes due in the same tick act in this order
     * @param deadline tick at which it is ended, or {@code Long.MAX_VALUE}
     */
    ProcessRun(String name, long ordinal, ProcessRun parent, ProgramCursor cursor, long deadline) {
        this.name = name;
        this.ordinal = ordinal;
        this.parent = parent;
        this.cursor = cursor;
        this.deadline = deadline;
    }
}
