package org.foliofleet.node.mm.numa;

/**
 * The two per-CPU batches that a collapse in a VM_LOCKED VMA fills in step: folios on their way back to the LRU ({@code
 * lru_add}), and folios to be munlocked ({@code mlock_fbatch}), mm/swap.c and mm/mlock.c.
 *
 * <p>A folio that is munlocked while it still waits for the LRU counts as stranded.
 */
final class MunlockBatches {
    /** {@code FOLIO_BATCH_SIZE}. */
    static final int SIZE = 31;

    private final VmStat statistics;
    /** Folios in the LRU batch. */
    private int lruBatch;
    /** Folios in the munlock batch. */
    private int batch;
    /** Those of them that are mlocked: and unevictable off the LRU, which strands them, or not. */
    private int stranding;
    private int others;
    private boolean sawLarge;

    MunlockBatches(VmStat statistics, int lruBatch) {
        this.statistics = statistics;
        this.lruBatch = lruBatch;
    }

    /** An isolated folio of one page is put back and munlocked. */
    Folio small(Folio folio) {
        boolean reachesLru = ++lruBatch == SIZE;
        if (folio.has(Folio.MLOCKED)) {
            if (folio.has(Folio.UNEVICTABLE)) {
                stranding++;
            } else {
                others++;
            }
        }
        if (reachesLru) {
            drainLru();
        }
        if (++batch == SIZE) {
            drain();
        }
        return rescue(folio.without(Folio.MLOCKED));
    }

    /** An isolated large folio is munlocked, at once, and put back later. */
    Folio large(Folio folio) {
        sawLarge = true;
        drain();
        if (folio.has(Folio.MLOCKED)) {
            statistics.add(folio.has(Folio.UNEVICTABLE) ? VmEvent.UNEVICTABLE_PGS_STRANDED : VmEvent.UNEVICTABLE_PGS_MUNLOCKED,
                    folio.pages());
        }
        return rescue(folio.without(Folio.MLOCKED));
    }

    /** The large folios are put back, which drains the LRU batch, and the new folio is mlocked, which drains the other. */
    void end() {
        if (sawLarge) {
            drainLru();
        }
        drain();
    }

    private void drainLru() {
        lruBatch = 0;
        others += stranding;
        stranding = 0;
    }

    private void drain() {
        statistics.add(VmEvent.UNEVICTABLE_PGS_MUNLOCKED, others);
        statistics.add(VmEvent.UNEVICTABLE_PGS_STRANDED, stranding);
        others = 0;
        stranding = 0;
        batch = 0;
    }

    /** Sooner or later the folio comes to the LRU and is found evictable. */
    private Folio rescue(Folio folio) {
        if (!folio.has(Folio.UNEVICTABLE)) {
            return folio;
        }
        statistics.add(VmEvent.UNEVICTABLE_PGS_RESCUED, folio.pages());
        return folio.without(Folio.UNEVICTABLE).withMlockCount(0);
    }
}
