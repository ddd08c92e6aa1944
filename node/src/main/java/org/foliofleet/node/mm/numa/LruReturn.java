package org.foliofleet.node.mm.numa;

import org.foliofleet.protocol.message.FrameRuns;

/** An event by which isolated folios go back to the LRU, by way of the CPU's batch: {@code folio_putback_lru()}. */
@FunctionalInterface
public interface LruReturn {
    /** Whole folios, in the order in which they go. */
    FrameRuns frames();
}
