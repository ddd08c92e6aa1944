package org.foliofleet.node.mm.numa;

import java.util.Locale;

/** Why a folio was not split. */
public enum SplitFailure {
    /** It is pinned for DMA (R8.10). */
    PINNED,
    /** Something else referred to it when the split began: a page in a pipe, a passing walker (R8.2). */
    SPEC,
    /** Whoever wanted the split does not wait for the folio lock, which was taken. */
    LOCKED,
    /** A reference appeared after all its mappings had been replaced: they were restored (R8.4, R8.11). */
    RACE,
    /** The swap device is writing it (R8.1). */
    WRITEBACK;

    /** Label of the metric. */
    public String label() {
        return this == WRITEBACK ? "wb" : name().toLowerCase(Locale.ROOT);
    }
}
