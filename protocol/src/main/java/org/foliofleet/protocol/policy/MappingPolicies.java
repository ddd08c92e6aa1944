package org.foliofleet.protocol.policy;

/**
 * What the switches say about what folios know of their mappings and references (thread E, mapcount madness).
 *
 * @param mapcountModel what a large folio knows of its mappings
 * @param sharedTest how it is known whether others map a folio
 * @param mmIds processes that a folio tells apart: 2, or n of {@code mm_ids(n)}
 * @param cowReuseLarge when a write fault reuses a page of a large folio
 * @param statsModel how AnonPages and Mapped count
 * @param pssModel how Pss is computed
 * @param refcountBits width of a reference count in bits
 * @param refcountBitsOfLargeOnly whether that width is one of large folios, and small ones have 32 bits
 * @param refcountOverflow what happens at the limit of a reference count
 * @param refPerMapping how many references a mapping takes
 * @param insertPageRmap whether vm_insert_page counts as a mapping
 * @param width32bitMmId 15-bit mm ids and short mapcounts, as on 32 bits
 */
public record MappingPolicies(MapcountModel mapcountModel, SharedTest sharedTest, int mmIds, CowReuseLarge cowReuseLarge,
    StatsModel statsModel, PssModel pssModel, int refcountBits, boolean refcountBitsOfLargeOnly,
        RefcountOverflow refcountOverflow, RefPerMapping refPerMapping, InsertPageRmap insertPageRmap, boolean width32bitMmId) {
    /** What a large folio knows of its mappings: {@link Switch#MAPCOUNT_MODEL}. */
    public enum MapcountModel {
        /** Every page has a mapcount (CONFIG_PAGE_MAPCOUNT): all is known exactly, at one atomic for each page mapped. */
        PER_PAGE,
        /**
         * One mapcount for the folio, a PMD counts once (CONFIG_NO_PAGE_MAPCOUNT, R6.5 to R6.8): partially mapped while fewer
         * mappings than pages are left, statistics count whole folios, smaps an average.
         */
        NO_PAGE,
        /**
         * The page tables that map anything of the folio are counted: one atomic a table. A partial mapping inside of a table is
         * invisible; mapcount and references compare only if references are counted the same way ({@link RefPerMapping}).
         */
        VMA_TABLE_PAIRS,
        /** One mapcount for the folio to which a PMD adds all its pages: the average is known without rounding. */
        TOTAL_PAGES,
        /** Mapcounts of pages, but no ids of mms: shared is what {@link SharedTest#FIRST_PAGE} says (6.8 to 6.14). */
        FIRST_PAGE_HEURISTIC
    }

    /** How it is known whether others map a folio: {@link Switch#SHARED_TEST}. */
    public enum SharedTest {
        /** Two ids of mms with a count each, and a bit that may be stale once a third mm was there (R1.6 to R1.8). */
        MM_IDS2,
        /**
         * {@code folio_likely_mapped_shared()}: a PMD mapping beside others or more mappings than pages are shared, else the first
         * page decides. May take shared folios for exclusive, so no page of a large folio is reused by a write fault.
         */
        FIRST_PAGE,
        /** The exact answer: whether two mms map the folio. */
        EXACT_SET,
        /** As {@link #MM_IDS2} with any number of ids. */
        MM_IDS
    }

    /** When a write fault reuses a page of a large folio: {@link Switch#COW_REUSE_LARGE}. */
    public enum CowReuseLarge {
        /** If the folio is not shared, has another page mapped, and nothing but mappings refers to it (R4.3). */
        MM_ID_EXACT,
        /** Always copied, as before 6.15. */
        NEVER,
        /** If this page is mapped once, and nothing but mappings refers to the folio. */
        ORACLE
    }

    /** How AnonPages and Mapped count: {@link Switch#STATS_MODEL}. */
    public enum StatsModel {
        /** Pages that anybody maps, as far as the mapcount model knows them. */
        EXACT,
        /** Whole folios, from the first mapping of any page to the last (R15.2). */
        FOLIO_GRANULAR
    }

    /** How Pss is computed: {@link Switch#PSS_MODEL}. */
    public enum PssModel {
        /** By the mappings of each page, or by what the mapcount model has in their place (R15.5). */
        PER_PAGE_EXACT,
        /** By the average of the folio's pages, rounded, at least 1 ({@code folio_average_page_mapcount()}). */
        AVERAGE_ROUNDED,
        /** By the average without rounding. */
        AVERAGE_FRACTION
    }

    /** How many references a mapping takes: {@link Switch#REF_PER_MAPPING}. */
    public enum RefPerMapping {
        /** Each PTE and each PMD takes a reference (R1.3). */
        PER_PTE,
        /** Each page table that maps anything of the folio takes one. */
        PER_VMA_TABLE,
        /** One while it is mapped at all. */
        PER_FOLIO_MAPPING
    }

    /** Whether vm_insert_page counts as a mapping: {@link Switch#INSERT_PAGE_RMAP}. */
    public enum InsertPageRmap {
        /** {@code folio_add_file_rmap_pte()}: counts in {@code _mapcount}, Mapped and Rss (R14.4). */
        RMAP_ADD,
        /** The mapping takes a reference and counts in Rss; neither {@code _mapcount} nor Mapped change (R14.10). */
        EXPLICIT_NO_RMAP,
        /** The same, and it does not count in Rss either (R14.10). */
        EXPLICIT_NO_RMAP_NO_RSS,
        /** It counts in {@code _mapcount} and Rss, but not in Mapped (R14.10). */
        MAPCOUNT_ONLY
    }

    static MappingPolicies of(Policies policies) {
        return new MappingPolicies(
            MapcountModel.values()[policies.choice(Switch.MAPCOUNT_MODEL)],
            SharedTest.values()[policies.choice(Switch.SHARED_TEST)],
            policies.count(Switch.SHARED_TEST, 2),
            CowReuseLarge.values()[policies.choice(Switch.COW_REUSE_LARGE)],
            StatsModel.values()[policies.choice(Switch.STATS_MODEL)],
            PssModel.values()[policies.choice(Switch.PSS_MODEL)],
            policies.refcountBits(),
            policies.value(Switch.REFCOUNT_BITS).equals("64_large"),
            policies.refcountOverflow(),
            RefPerMapping.values()[policies.choice(Switch.REF_PER_MAPPING)],
            InsertPageRmap.values()[policies.choice(Switch.INSERT_PAGE_RMAP)],
            policies.isOn(Switch.WIDTH_32BIT_MM_ID));
    }
}
