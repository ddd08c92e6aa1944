package org.foliofleet.node.trace;

import org.foliofleet.protocol.program.Protection;

/** What the replay knows of one address space beside the model: processes born of vfork share their parent's. */
final class TraceSpace {
    final int id;
    final KnownRanges known;
    /** Pages faulted and touched by no later call, exec or fork. */
    final PageSample faulted = new PageSample();
    final FaultsInFlight inFlight = new FaultsInFlight();
    /** Whether several threads or processes may touch it at once. */
    boolean concurrent;
    /** Processes that use it. */
    int users = 1;
    /** Whether everything mapped is known, because the recording shows how the program was loaded. */
    boolean complete;
    /** Program break in bytes, -1 if not known. */
    long programBreak = -1;
    /** {@code mlockall(MCL_FUTURE)}. */
    boolean lockFuture;
    boolean lockOnFault;
    Protection stackProtection = Protection.READ_WRITE;
    /** The one it was forked from, and which may share pages with it still; null if there is none. */
    private TraceSpace origin;
    /** Living copies that forks made of it. */
    private int copies;

    TraceSpace(int id) {
        this.id = id;
        this.known = new KnownRanges();
    }

    /** The copy that a fork makes. */
    TraceSpace(int id, TraceSpace parent) {
        this.id = id;
        this.known = new KnownRanges(parent.known);
        this.complete = parent.complete;
        this.programBreak = parent.programBreak;
        this.stackProtection = parent.stackProtection;
        this.origin = parent;
        parent.copies++;
    }

    /** Whether pages may be shared with a process that fork made, or that made it. */
    boolean isForked() {
        return copies > 0 || origin != null && origin.copies > 0;
    }

    void forget() {
        if (origin != null) {
            origin.copies--;
            origin = null;
        }
        copies = 0;
        known.clear();
        faulted.clear();
        inFlight.clear();
        concurrent = false;
        programBreak = -1;
        lockFuture = false;
        lockOnFault = false;
        stackProtection = Protection.READ_WRITE;
    }
}
