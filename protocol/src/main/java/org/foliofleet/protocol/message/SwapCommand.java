package org.foliofleet.protocol.message;

/**
 * What may be asked of the holder of the swap map.
 *
 * @param <R> the reply
 */
public interface SwapCommand<R> extends Command<R> {
    /** Entries of page tables no longer name these slots. */
    record Free(PageRuns entries) implements SwapCommand<Void> {}

    /** One more page table names these slots. */
    record Duplicate(PageRuns entries) implements SwapCommand<Void> {}
}
