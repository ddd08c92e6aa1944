package org.foliofleet.node.trace;

/**
 * Write faults of a process on pages that were present, while a fork shared its memory: those that the trace has, and how the
 * model resolved them. In the trace, the first to write to a page that two processes have gets a copy.
 *
 * @param recorded in the trace
 * @param copied   by the model
 * @param reused   the model made the page writable: the other process had its copy, or none, by then
 */
public record CopyOnWrite(long recorded, long copied, long reused) {
    public static final CopyOnWrite NONE = new CopyOnWrite(0, 0, 0);

    /** Faults that the model did not take as a write to a read-only page. */
    public long otherwise() {
        return recorded - copied - reused;
    }

    CopyOnWrite and(CopyOnWrite more) {
        return new CopyOnWrite(recorded + more.recorded, copied + more.copied, reused + more.reused);
    }

    /** What happened from {@code before} on, in the model, for one fault of the trace. */
    CopyOnWrite since(CopyOnWrite before) {
        return new CopyOnWrite(1, copied - before.copied, reused - before.reused);
    }
}
