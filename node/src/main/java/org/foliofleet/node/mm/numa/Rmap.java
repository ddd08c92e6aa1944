package org.foliofleet.node.mm.numa;

/** Counting mappings of a folio: {@code __folio_add_rmap()}, {@code __folio_remove_rmap()}, mm/rmap.c (R1.6, R1.7, R6.5 to R6.8). */
final class Rmap {
    private Rmap() {}

    /** Maps the pages {@code [from, to)} of the folio by one PTE each. */
    static Folio addPtes(Folio folio, int from, int to, int mm) {
        return track(folio.withCounts(folio.entire(), folio.counts().add(from, to, 1)), mm, to - from);
    }

    /** Maps the folio by a PMD. */
    static Folio addPmd(Folio folio, int mm) {
        return track(folio.withCounts(folio.entire() + 1, folio.counts()), mm, 1);
    }

    static Folio removePtes(Folio folio, int from, int to, int mm) {
        return untrack(folio.withCounts(folio.entire(), folio.counts().add(from, to, -1)), mm, to - from);
    }

    static Folio removePmd(Folio folio, int mm) {
        return untrack(folio.withCounts(folio.entire() - 1, folio.counts()), mm, 1);
    }

    /** R6.13: the PMD mapping becomes one PTE mapping of every page. */
    static Folio splitPmd(Folio folio, int mm) {
        return removePmd(addPtes(folio, 0, folio.pages(), mm), mm);
    }

    /** {@code folio_add_return_large_mapcount()}: the folio already has the new mappings (R1.6). */
    private static Folio track(Folio folio, int mm, long added) {
        if (!folio.isLarge()) {
            return folio;
        }
        boolean shared = folio.has(Folio.MM_SHARED);
        if (folio.mm0() == mm) {
            return folio.withMms(mm, folio.mm0Count() + added, folio.mm1(), folio.mm1Count(), shared);
        }
        if (folio.mm1() == mm) {
            return folio.withMms(folio.mm0(), folio.mm0Count(), mm, folio.mm1Count() + added, shared);
        }
        if (folio.mm0() == 0) {
            boolean others = folio.mapcount() > added;
            return folio.withMms(mm, added, folio.mm1(), folio.mm1Count(), shared || others);
        }
        if (folio.mm1() == 0) {
            return folio.withMms(folio.mm0(), folio.mm0Count(), mm, added, true);
        }
        return folio;
    }

    /** {@code folio_sub_return_large_mapcount()} (R1.7). */
    private static Folio untrack(Folio folio, int mm, long removed) {
        if (!folio.isLarge()) {
            return folio;
        }
        boolean shared = folio.has(Folio.MM_SHARED);
        int mm0 = folio.mm0();
        int mm1 = folio.mm1();
        long count0 = folio.mm0Count();
        long count1 = folio.mm1Count();
        if (mm0 == mm) {
            count0 -= removed;
            if (count0 > 0) {
                return folio.withMms(mm0, count0, mm1, count1, shared);
            }
            mm0 = 0;
            count0 = 0;
        } else if (mm1 == mm) {
            count1 -= removed;
            if (count1 > 0) {
                return folio.withMms(mm0, count0, mm1, count1, shared);
            }
            mm1 = 0;
            count1 = 0;
        }
        long mapcount = folio.mapcount();
        if (count0 == mapcount || count1 == mapcount) {
            shared = false;
        }
        return folio.withMms(mm0, count0, mm1, count1, shared);
    }

    /**
     * Whether removing mappings left a folio partially mapped (R6.7, R6.8): some page lost its last mapping while another
     * page keeps one.
     *
     * @param before  the folio with the mappings
     * @param after   the folio without
     * @param wasPmd  the removed mapping was a PMD
     */
    static boolean becamePartiallyMapped(Folio before, Folio after, int from, int to, boolean wasPmd) {
        if (wasPmd) {
            int mapped = after.counts().mapped();
            return after.entire() == 0 && mapped > 0 && mapped < after.pages();
        }
        int last = before.counts().mapped(from, to) - after.counts().mapped(from, to);
        return after.entire() == 0 && last > 0 && after.counts().mapped() > 0;
    }

    /**
     * Whether removing PTEs one after the other passed through a state in which the folio was partially mapped: a page lost
     * its last mapping while another still had one (R8.3).
     */
    static boolean passedPartiallyMapped(Folio before, Folio after, int from, int to) {
        if (after.entire() > 0) {
            return false;
        }
        int last = before.counts().mapped(from, to) - after.counts().mapped(from, to);
        return last > 1 || last == 1 && after.counts().mapped() > 0;
    }
}
