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
    public enum MapcountModel { PER_PAGE, NO_PAGE, VMA_TABLE_PAIRS, TOTAL_PAGES, FIRST_PAGE_HEURISTIC }

    /** How it is known whether others map a folio: {@link Switch#SHARED_TEST}. */
    public enum SharedTest { MM_IDS2, FIRST_PAGE, EXACT_SET, MM_IDS }

    /** When a write fault reuses a page of a large folio: {@link Switch#COW_REUSE_LARGE}. */
    public enum CowReuseLarge { MM_ID_EXACT, NEVER, ORACLE }

    /** How AnonPages and Mapped count: {@link Switch#STATS_MODEL}. */
    public enum StatsModel { EXACT, FOLIO_GRANULAR }

    /** How Pss is computed: {@link Switch#PSS_MODEL}. */
    public enum PssModel { PER_PAGE_EXACT, AVERAGE_ROUNDED, AVERAGE_FRACTION }

    /** How many references a mapping takes: {@link Switch#REF_PER_MAPPING}. */
    public enum RefPerMapping { PER_PTE, PER_VMA_TABLE, PER_FOLIO_MAPPING }

    /** Whether vm_insert_page counts as a mapping: {@link Switch#INSERT_PAGE_RMAP}. */
    public enum InsertPageRmap { RMAP_ADD, EXPLICIT_NO_RMAP, MAPCOUNT_ONLY }

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
