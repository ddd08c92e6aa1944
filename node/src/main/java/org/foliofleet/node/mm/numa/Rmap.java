package org.foliofleet.node.mm.numa;

import org.foliofleet.protocol.policy.MappingPolicies;
import org.foliofleet.protocol.policy.PolicySet;

/** Counting mappings of a folio: {@code __folio_add_rmap()}, {@code __folio_remove_rmap()}, mm/rmap.c (R1.6, R1.7, R6.5 to R6.8). */
final class Rmap {
    private static final MappingPolicies KERNEL = PolicySet.KERNEL.mapping();

    private Rmap() {}

    /**
     * Maps {@code count} folios alike: by a PMD each, or their pages {@code [from, to)} by PTEs.
     *
     * @return what each of them becomes
     */
    static Folio add(NumaNode node, Folio folio, boolean pmd, int from, int to, int mm, long count) {
        node.tally.mappingsChanged(count, pmd ? 0 : (to - from) * count);
        MappingPolicies policies = node.rules.policies();
        return pmd ? addPmd(folio, mm, policies) : addPtes(folio, from, to, mm, policies);
    }

    /** Unmaps them. */
    static Folio remove(NumaNode node, Folio folio, boolean pmd, int from, int to, int mm, long count) {
        node.tally.mappingsChanged(count, pmd ? 0 : (to - from) * count);
        MappingPolicies policies = node.rules.policies();
        return pmd ? removePmd(folio, mm, policies) : removePtes(folio, from, to, mm, policies);
    }

    /** R6.13: a PMD mapping of each of {@code count} folios becomes one PTE mapping of every page. */
    static Folio splitPmd(NumaNode node, Folio folio, int mm, long count) {
        return remove(node, add(node, folio, false, 0, folio.pages(), mm, count), true, 0, folio.pages(), mm, count);
    }

    /** Maps the pages {@code [from, to)} of the folio by one PTE each. */
    static Folio addPtes(Folio folio, int from, int to, int mm, MappingPolicies policies) {
        return MmSlots.added(folio.withCounts(folio.entire(), folio.counts().add(from, to, 1)), mm, to - from, policies);
    }

    /** Maps the folio by a PMD. */
    static Folio addPmd(Folio folio, int mm, MappingPolicies policies) {
        return MmSlots.added(folio.withCounts(folio.entire() + 1, folio.counts()), mm, 1, policies);
    }

    static Folio removePtes(Folio folio, int from, int to, int mm, MappingPolicies policies) {
        return MmSlots.removed(folio.withCounts(folio.entire(), folio.counts().add(from, to, -1)), mm, to - from, policies);
    }

    static Folio removePmd(Folio folio, int mm, MappingPolicies policies) {
        return MmSlots.removed(folio.withCounts(folio.entire() - 1, folio.counts()), mm, 1, policies);
    }

    static Folio splitPmd(Folio folio, int mm) {
        return removePmd(addPtes(folio, 0, folio.pages(), mm), mm);
    }

    static Folio addPtes(Folio folio, int from, int to, int mm) {
        return addPtes(folio, from, to, mm, KERNEL);
    }

    static Folio addPmd(Folio folio, int mm) {
        return addPmd(folio, mm, KERNEL);
    }

    static Folio removePtes(Folio folio, int from, int to, int mm) {
        return removePtes(folio, from, to, mm, KERNEL);
    }

    static Folio removePmd(Folio folio, int mm) {
        return removePmd(folio, mm, KERNEL);
    }
}
