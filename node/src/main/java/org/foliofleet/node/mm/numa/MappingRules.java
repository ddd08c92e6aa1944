package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.policy.MappingPolicies;
import org.foliofleet.protocol.policy.MappingPolicies.CowReuseLarge;
import org.foliofleet.protocol.policy.MappingPolicies.InsertPageRmap;
import org.foliofleet.protocol.policy.MappingPolicies.MapcountModel;
import org.foliofleet.protocol.policy.MappingPolicies.RefPerMapping;
import org.foliofleet.protocol.policy.MappingPolicies.SharedTest;
import org.foliofleet.protocol.policy.PolicySet;

/**
 * What a node concludes from the mappings of its folios under the mapcount model of the machine (MM-SEMANTICS 17.5). The
 * counts themselves are exact under every model; these are views of them.
 */
public record MappingRules(MappingPolicies policies) {
    static final MappingRules KERNEL = new MappingRules(PolicySet.KERNEL.mapping());

    /** The rules as the settings have them now. Within a step; asked wherever folios come to be or are mapped. */
    static MappingRules of(NumaNode node, Turn turn) {
        KernelSettings settings = turn.context().settings();
        MappingPolicies now = settings.policies().mapping();
        if (now != node.rules.policies && !now.equals(node.rules.policies)) {
            turn.emit(new RulesSet(new MappingRules(now)));
        }
        return node.rules;
    }

    RefcountLimit limit(Folio folio) {
        return RefcountLimit.of(policies, folio.isLarge());
    }

    /** {@code _refcount} as the machine keeps it, of unlimited width: what a mapping counts is a switch. */
    long references(Folio folio) {
        long exact = folio.references();
        return policies.refPerMapping() == RefPerMapping.PER_PTE ? exact : exact - folio.mapcount() + references(folio, policies.refPerMapping());
    }

    private static long references(Folio folio, RefPerMapping kind) {
        return kind == RefPerMapping.PER_VMA_TABLE ? folio.tables() : folio.isMapped() ? 1 : 0;
    }

    /** References that mappings of so many pages add, of which fork or a fault asks whether they fit. */
    long added(boolean pmd, int pages) {
        return pmd || policies.refPerMapping() != RefPerMapping.PER_PTE ? 1 : pages;
    }

    /** Whether mappings count in {@code _mapcount} at all: of drivers' memory they may take references only (R14.10). */
    boolean counts(Folio folio) {
        return !folio.has(Folio.DRIVER) || policies.insertPageRmap() == InsertPageRmap.RMAP_ADD
                || policies.insertPageRmap() == InsertPageRmap.MAPCOUNT_ONLY;
    }

    // -- shared? -------------------------------------------------------------------------------------------------

    /** Whether folios have no ids of mms, but a look at the first page. */
    boolean looksAtFirstPage() {
        return policies.sharedTest() == SharedTest.FIRST_PAGE
                || policies.mapcountModel() == MapcountModel.FIRST_PAGE_HEURISTIC && policies.sharedTest() == SharedTest.MM_IDS2;
    }

    /** "Does somebody else map it?" as the machine answers it ({@code folio_maybe_mapped_shared()}, {@code folio_likely_mapped_shared()}). */
    boolean isShared(Folio folio) {
        long mapcount = counts(folio) ? folio.mapcount() : 0;
        if (mapcount <= 1 || !folio.isLarge()) {
            return mapcount > 1;
        }
        if (policies.sharedTest() == SharedTest.EXACT_SET) {
            return folio.isMappedByOthers();
        }
        if (looksAtFirstPage()) {
            return folio.entire() > 0 || mapcount > folio.pages() || folio.counts().get(0) > 1;
        }
        return folio.has(Folio.MM_SHARED);
    }

    // -- partially mapped? ---------------------------------------------------------------------------------------

    /**
     * Whether removing mappings left a folio partially mapped, as far as the model sees it (R6.7, R6.8).
     *
     * @param before  the folio with the mappings
     * @param after   the folio without
     * @param wasPmd  the removed mapping was a PMD
     */
    boolean becamePartiallyMapped(Folio before, Folio after, int from, int to, boolean wasPmd) {
        return switch (policies.mapcountModel()) {
            case PER_PAGE, FIRST_PAGE_HEURISTIC -> lostPages(before, after, from, to, wasPmd);
            case NO_PAGE -> after.entire() == 0 && isBelowPages(after.mapcount(), after);
            case TOTAL_PAGES -> isBelowPages(after.pageMappings(), after);
            case VMA_TABLE_PAIRS -> false;
        };
    }

    private static boolean isBelowPages(long mappings, Folio folio) {
        return mappings > 0 && mappings < folio.pages();
    }

    /** Some page lost its last mapping while another keeps one. */
    private static boolean lostPages(Folio before, Folio after, int from, int to, boolean wasPmd) {
        if (wasPmd) {
            int mapped = after.counts().mapped();
            return after.entire() == 0 && mapped > 0 && mapped < after.pages();
        }
        int last = before.counts().mapped(from, to) - after.counts().mapped(from, to);
        return after.entire() == 0 && last > 0 && after.counts().mapped() > 0;
    }

    /**
     * Whether removing PTEs one after the other passed through a state in which the model saw the folio partially mapped
     * (R8.3).
     */
    boolean passedPartiallyMapped(Folio before, Folio after, int from, int to) {
        if (after.entire() > 0) {
            return false;
        }
        return switch (policies.mapcountModel()) {
            case PER_PAGE, FIRST_PAGE_HEURISTIC -> {
                int last = before.counts().mapped(from, to) - after.counts().mapped(from, to);
                yield last > 1 || last == 1 && after.counts().mapped() > 0;
            }
            case NO_PAGE, TOTAL_PAGES -> isBelowPages(Math.max(after.mapcount(), to - from > 1 ? 1 : 0), after);
            case VMA_TABLE_PAIRS -> false;
        };
    }

    // -- reuse? --------------------------------------------------------------------------------------------------

    /**
     * {@code __wp_can_reuse_large_anon_folio()}: whether a page of a large anonymous folio, mapped by a PTE, may become
     * exclusive (R4.3).
     *
     * @param extra references that are none of a mapping
     */
    boolean mayReuseLarge(Folio folio, int page, long extra) {
        return switch (policies.cowReuseLarge()) {
            case NEVER -> false;
            case ORACLE -> folio.pageMapcount(page) == 1 && folio.gets() == 0 && folio.pins() == 0 && extra == 0;
            case MM_ID_EXACT -> asksForReuse() && folio.mapcount() > 1 && !isShared(folio) && extra == 0;
        };
    }

    /** Whether a write fault asks who else maps a large folio. */
    boolean asksForReuse() {
        return policies.cowReuseLarge() == CowReuseLarge.MM_ID_EXACT && knowsReferences() && !looksAtFirstPage();
    }

    /** Of pages from {@code from} on, of which the first may be reused, how many may with it. */
    long reused(Folio folio, int from, int to, long pages) {
        if (policies.cowReuseLarge() != CowReuseLarge.ORACLE || !folio.isLarge()) {
            return pages;
        }
        int page = from;
        while (page < to && folio.pageMapcount(page) == 1) {
            page++;
        }
        return page == to ? pages : page - from;
    }

    /** Whether mapcount and references count the same, so that they can be compared. */
    private boolean knowsReferences() {
        return policies.mapcountModel() != MapcountModel.VMA_TABLE_PAIRS || policies.refPerMapping() == RefPerMapping.PER_VMA_TABLE;
    }

    /** Other rules hold from now on. */
    private record RulesSet(MappingRules rules) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.rules = rules;
        }
    }
}
