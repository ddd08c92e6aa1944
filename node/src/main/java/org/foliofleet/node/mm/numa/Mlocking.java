package org.foliofleet.node.mm.numa;

/** {@code mlock_folio()} and {@code munlock_folio()}, mm/mlock.c (R7.23, R7.24). */
final class Mlocking {
    private Mlocking() {}

    /** One more locked VMA maps each of {@code count} folios alike. */
    static Folio mlock(Folio folio, long count, VmStat statistics) {
        long pages = count << folio.order();
        if (!folio.has(Folio.MLOCKED)) {
            statistics.add(VmEvent.UNEVICTABLE_PGS_MLOCKED, pages);
            folio = folio.with(Folio.MLOCKED);
        }
        if (!folio.has(Folio.LRU)) {
            return folio;
        }
        if (folio.has(Folio.UNEVICTABLE)) {
            return folio.withMlockCount(folio.mlockCount() + 1);
        }
        statistics.add(VmEvent.UNEVICTABLE_PGS_CULLED, pages);
        return folio.without(Folio.ACTIVE).with(Folio.UNEVICTABLE).withMlockCount(1);
    }

    /** One locked VMA less maps each of {@code count} folios alike, or a part of them. */
    static Folio munlock(Folio folio, long count, VmStat statistics) {
        long pages = count << folio.order();
        boolean isolated = folio.has(Folio.LRU);
        if (isolated && folio.has(Folio.UNEVICTABLE)) {
            int left = Math.max(0, folio.mlockCount() - 1);
            folio = folio.withMlockCount(left);
            if (left > 0) {
                return folio;
            }
        }
        if (folio.has(Folio.MLOCKED)) {
            boolean stranded = !isolated && folio.has(Folio.UNEVICTABLE);
            statistics.add(stranded ? VmEvent.UNEVICTABLE_PGS_STRANDED : VmEvent.UNEVICTABLE_PGS_MUNLOCKED, pages);
            folio = folio.without(Folio.MLOCKED);
        }
        if (isolated && folio.has(Folio.UNEVICTABLE)) {
            statistics.add(VmEvent.UNEVICTABLE_PGS_RESCUED, pages);
            folio = folio.without(Folio.UNEVICTABLE).withMlockCount(0);
        }
        return folio;
    }
}
