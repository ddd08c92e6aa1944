package org.foliofleet.node.mm.numa;

import java.util.Locale;

/** Per-size statistics of {@code hugepages-SIZEkB/stats}; {@code nr_} ones are gauges. */
public enum FolioStat {
    ANON_FAULT_ALLOC, ANON_FAULT_FALLBACK, ANON_FAULT_FALLBACK_CHARGE, ZSWPOUT, SWPIN, SWPIN_FALLBACK, SWPIN_FALLBACK_CHARGE,
    SWPOUT, SWPOUT_FALLBACK, SHMEM_ALLOC, SHMEM_FALLBACK, SHMEM_FALLBACK_CHARGE, SPLIT, SPLIT_FAILED, SPLIT_DEFERRED,
    NR_ANON, NR_ANON_PARTIALLY_MAPPED;

    /** Name of the file. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
