package org.foliofleet.node.mm.numa;

/** {@code mlock_folio()} and {@code munlock_folio()}, mm/mlock.c (R7.23, R7.24). For events. */
final class Mlocking {
    private Mlocking() {}

    /**
     * One more locked VMA maps each of {@code count} folios alike.
     *
     * @param pages how many pages of each
     */
    static Folio mlock(NumaNode node, Folio folio, long count, int pages) {
        MlockRules rules = node.mlockRules;
        if (folio.isLarge() && rules.sparesLarge()) {
            return folio;
        }
        int more = rules.exact() ? pages : 1;
        if (!folio.has(Folio.MLOCKED)) {
            node.statistics.add(VmEvent.UNEVICTABLE_PGS_MLOCKED, count << folio.order());
            folio = folio.with(Folio.MLOCKED);
        }
        if (!folio.has(Folio.LRU)) {
            return rules.exact() ? folio.withMlockCount(folio.mlockCount() + more) : folio;
        }
        if (folio.has(Folio.UNEVICTABLE)) {
            return folio.withMlockCount(folio.mlockCount() + more);
        }
        node.statistics.add(VmEvent.UNEVICTABLE_PGS_CULLED, count << folio.order());
        return folio.without(Folio.ACTIVE).with(Folio.UNEVICTABLE).withMlockCount(rules.exact() ? folio.mlockCount() + more : 1);
    }

    /** One locked VMA less maps each of {@code count} folios alike, or {@code pages} pages of it. */
    static Folio munlock(NumaNode node, Folio folio, long count, int pages) {
        boolean exact = node.mlockRules.exact();
        boolean isolated = folio.has(Folio.LRU);
        if (exact || isolated && folio.has(Folio.UNEVICTABLE)) {
            int left = Math.max(0, folio.mlockCount() - (exact ? pages : 1));
            folio = folio.withMlockCount(left);
            if (left > 0) {
                return folio;
            }
        }
        long all = count << folio.order();
        if (folio.has(Folio.MLOCKED)) {
            boolean stranded = !isolated && folio.has(Folio.UNEVICTABLE);
            node.statistics.add(stranded ? VmEvent.UNEVICTABLE_PGS_STRANDED : VmEvent.UNEVICTABLE_PGS_MUNLOCKED, all);
            folio = folio.without(Folio.MLOCKED);
        }
        if (isolated && folio.has(Folio.UNEVICTABLE)) {
            node.statistics.add(VmEvent.UNEVICTABLE_PGS_RESCUED, all);
            folio = folio.without(Folio.UNEVICTABLE).withMlockCount(0);
        }
        return folio;
    }

    /** A new folio that a locked VMA maps whole, before it comes to the LRU (R7.25). */
    static Folio born(NumaNode node, Folio folio, long count) {
        if (folio.isLarge() && node.mlockRules.sparesLarge()) {
            return folio;
        }
        node.statistics.add(VmEvent.UNEVICTABLE_PGS_MLOCKED, count << folio.order());
        node.statistics.add(VmEvent.UNEVICTABLE_PGS_CULLED, count << folio.order());
        return folio.with(Folio.MLOCKED | Folio.UNEVICTABLE).withMlockCount(node.mlockRules.exact() ? folio.pages() : 1);
    }
}
