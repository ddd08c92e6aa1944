package org.foliofleet.node.mm.collection;

/** Receives runs of consecutive numbers. It must not change the collection that produces them. */
@FunctionalInterface
public interface RunSink {
    /**
     * One run.
     *
     * @param start first number
     * @param count how many, at least 1; the caller says of what
     */
    void run(long start, long count);
}
