package org.foliofleet.node.mm.numa;

import org.foliofleet.protocol.policy.MappingPolicies.InsertPageRmap;
import org.foliofleet.protocol.policy.MappingPolicies.MapcountModel;
import org.foliofleet.protocol.policy.MappingPolicies.PssModel;
import org.foliofleet.protocol.policy.MappingPolicies.StatsModel;

/**
 * What statistics make of the mappings of a folio: AnonPages and Mapped, {@code /proc/kpagecount}, smaps (R15.2, R15.5,
 * R15.8), under a mapcount model or exactly.
 */
public final class FolioAccounting {
    /** The exact answers. */
    public static final FolioAccounting EXACT = new FolioAccounting(MappingRules.KERNEL);
    /** Fractions of a byte in Pss. */
    public static final int PSS_SHIFT = 12;
    private static final long WHOLE_PAGE = 4096L << PSS_SHIFT;

    /** How the average number of mappings of a page is known. */
    private enum Share { EXACT, ROUNDED, FRACTION, TABLES }

    private final MappingRules rules;
    private final Share share;
    private final boolean hasPageCounts;

    public FolioAccounting(MappingRules rules) {
        this.rules = rules;
        MapcountModel model = rules.policies().mapcountModel();
        hasPageCounts = model == MapcountModel.PER_PAGE || model == MapcountModel.FIRST_PAGE_HEURISTIC;
        share = switch (rules.policies().pssModel()) {
            case AVERAGE_ROUNDED -> Share.ROUNDED;
            case AVERAGE_FRACTION -> Share.FRACTION;
            case PER_PAGE_EXACT -> switch (model) {
                case PER_PAGE, FIRST_PAGE_HEURISTIC -> Share.EXACT;
                case NO_PAGE -> Share.ROUNDED;
                case TOTAL_PAGES -> Share.FRACTION;
                case VMA_TABLE_PAIRS -> Share.TABLES;
            };
        };
    }

    /** Whether it tells anything but the exact numbers. */
    public boolean isExact() {
        return hasPageCounts && share == Share.EXACT && rules.policies().statsModel() == StatsModel.EXACT
                && rules.policies().insertPageRmap() == InsertPageRmap.RMAP_ADD;
    }

    /** Whether every page has a mapcount of its own, which every mapping writes. */
    public boolean keepsPageCounts() {
        return hasPageCounts;
    }

    /** Pages that AnonPages or Mapped count for the folio ({@code NR_ANON_MAPPED}, {@code NR_FILE_MAPPED}; R15.2). */
    public int mappedPages(Folio folio) {
        if (folio.has(Folio.DRIVER) && rules.policies().insertPageRmap() != InsertPageRmap.RMAP_ADD) {
            return 0;
        }
        boolean exact = !folio.isLarge() || hasPageCounts && rules.policies().statsModel() == StatsModel.EXACT;
        return exact ? folio.mappedPages() : folio.isMapped() ? folio.pages() : 0;
    }

    /** {@code /proc/kpagecount} of a page: exact, or the average (R15.8). */
    public long pageMapcount(Folio folio, int page) {
        if (!rules.counts(folio)) {
            return 0;
        }
        return hasPageCounts || !folio.isLarge() ? folio.pageMapcount(page) : average(folio);
    }

    /** Whether smaps shows one mapping of a page as shared, and not private (R15.5). */
    public boolean isShared(Folio folio, int page) {
        return hasPageCounts || !folio.isLarge() ? pageMapcount(folio, page) > 1
                : folio.references() > 1 && rules.isShared(folio);
    }

    /** Bytes of one mapping of a page in the Pss of its process, times {@code 2^PSS_SHIFT} (R15.5). */
    public long pss(Folio folio, int page) {
        if (share == Share.EXACT || !folio.isLarge()) {
            return WHOLE_PAGE / Math.max(1, rules.counts(folio) ? folio.pageMapcount(page) : 0);
        }
        if (!rules.counts(folio)) {
            return WHOLE_PAGE;
        }
        if (folio.references() == 1) {
            return WHOLE_PAGE;
        }
        return share == Share.FRACTION ? Math.min(WHOLE_PAGE, (WHOLE_PAGE << folio.order()) / Math.max(1, folio.pageMappings()))
                : WHOLE_PAGE / average(folio);
    }

    /** Bytes of all mappings of the folio together, times {@code 2^PSS_SHIFT}. */
    public long pssOfAll(Folio folio) {
        PageCounts counts = folio.counts();
        long sum = 0;
        int from = 0;
        for (int run = 0; run < counts.runs(); run++) {
            long mappings = (folio.entire() + counts.runCount(run)) * (counts.runEnd(run) - from);
            sum += mappings == 0 ? 0 : mappings * pss(folio, from);
            from = counts.runEnd(run);
        }
        return sum;
    }

    /** Mappings of pages that smaps shows as private: Uss, in pages. */
    public long privatePages(Folio folio) {
        PageCounts counts = folio.counts();
        long sum = 0;
        int from = 0;
        for (int run = 0; run < counts.runs(); run++) {
            long mappings = (folio.entire() + counts.runCount(run)) * (counts.runEnd(run) - from);
            sum += mappings == 0 || isShared(folio, from) ? 0 : mappings;
            from = counts.runEnd(run);
        }
        return sum;
    }

    /** {@code folio_average_page_mapcount()}, and what stands in for it. */
    private long average(Folio folio) {
        if (share == Share.TABLES) {
            return Math.max(1, folio.tables());
        }
        long beyond = folio.counts().sum();
        return Math.max(1, folio.entire() + (beyond + (folio.pages() >> 1) >> folio.order()));
    }

    /**
     * Bytes that the model keeps for the mappings of one folio, {@code struct page} and {@code struct folio} without them: per
     * page a mapcount; per large folio a mapcount, a count of huge mappings and one of mapped pages where there are counts of
     * pages, and an id and a count for each mm that is told apart.
     */
    public long metadataBytes(Folio folio) {
        if (!folio.isLarge()) {
            return Integer.BYTES;
        }
        int width = rules.policies().width32bitMmId() ? Short.BYTES : Integer.BYTES;
        long ids = rules.looksAtFirstPage() ? 0 : 2L * width * rules.policies().mmIds();
        return ids + switch (rules.policies().mapcountModel()) {
            case PER_PAGE, FIRST_PAGE_HEURISTIC -> Integer.BYTES * (folio.pages() + 3L);
            case NO_PAGE -> Integer.BYTES * 2L;
            case VMA_TABLE_PAIRS, TOTAL_PAGES -> Integer.BYTES;
        };
    }
}
