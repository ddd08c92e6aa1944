package org.foliofleet.protocol.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Which switches can not be meant together. A row holds for every value of its culprit but the kernel's own. */
final class Contradictions {
    private record Row(Switch culprit, Predicate<Policies> contradicted, String because, String remedy) {}

    private static final List<Row> ROWS = new ArrayList<>();

    static {
        row(Switch.VMA_SPLIT_FOLIO_POLICY, at(Switch.VMA_SPLIT_TRIGGER, "{}"),
            "no call applies it", "name calls in vma_split_trigger");
        row(Switch.MUNLOCK_LARGE_RULE, at(Switch.MLOCK_LARGE_RULE, "never_large"),
            "mlock_large_rule is never_large, so no large folio has a mark to lose", "choose another rule");
        for (Switch each : List.of(Switch.RELOCATE_OFFSETS_WHEN_NO_MERGE, Switch.RELOCATE_SHARED_TEST, Switch.RELOCATE_PINNED,
                Switch.RELOCATE_LARGE_CROSS, Switch.RELOCATE_FAILURE, Switch.RELOCATE_NONPRESENT, Switch.RELOCATE_KSM)) {
            row(each, at(Switch.MREMAP_RELOCATE, "off"), "mremap_relocate is off, so nothing is relocated", "choose when it is");
        }
        row(Switch.COLLAPSE_PMD_WRITABLE, at(Switch.COLLAPSE_INSTALL_PMD, "never"),
            "collapse_install_pmd is never, so there is no such PMD", "choose who installs it");
    }

    static {
        Predicate<Policies> countsIds = policies -> policies.value(Switch.SHARED_TEST).startsWith("mm_ids");
        Predicate<Policies> looksAtFirst = at(Switch.SHARED_TEST, "first_page");
        Predicate<Policies> noPages = at(Switch.MAPCOUNT_MODEL, "no_page", "vma_table_pairs", "total_pages");
        row(Switch.SHARED_TEST, at(Switch.MAPCOUNT_MODEL, "first_page_heuristic").and(countsIds),
            "mapcount_model is first_page_heuristic, which has no ids of mms", "choose first_page or exact_set");
        row(Switch.SHARED_TEST, noPages.and(looksAtFirst), "under that mapcount_model the first page has no mapcount", "choose ids of mms");
        row(Switch.WIDTH_32BIT_MM_ID, looksAtFirst.or(at(Switch.MAPCOUNT_MODEL, "first_page_heuristic")), "folios have no ids of mms",
            "choose mm_ids in shared_test");
    }

    private Contradictions() {}

    private static void row(Switch culprit, Predicate<Policies> contradicted, String because, String remedy) {
        ROWS.add(new Row(culprit, contradicted, because, remedy));
    }

    private static Predicate<Policies> at(Switch other, String... values) {
        return policies -> Arrays.asList(values).contains(policies.value(other));
    }

    static List<Contradiction> of(Policies policies) {
        return ROWS.stream().filter(row -> policies.departures().containsKey(row.culprit()) && row.contradicted().test(policies))
            .map(row -> new Contradiction(row.culprit(), "'" + row.culprit().key() + "' is " + policies.value(row.culprit()) + ", but "
                + row.because(), row.remedy() + ", or leave " + row.culprit().key() + " out"))
            .toList();
    }
}
