package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.SwapCommand;

/** What a VMA tells the swap map about its entries. */
final class SwapEntries {
    private SwapEntries() {}

    /** {@code free_swap_and_cache_nr()}: entries are gone. Within a step. */
    static void free(PageRuns runs, Turn turn) {
        turn.send(new SwapId(), new SwapCommand.Free(runs));
    }

    /** {@code swap_duplicate()}: fork copied entries. Within a step. */
    static void duplicate(PageRuns runs, Turn turn) {
        turn.send(new SwapId(), new SwapCommand.Duplicate(runs));
    }
}
