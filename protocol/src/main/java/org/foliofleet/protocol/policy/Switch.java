package org.foliofleet.protocol.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every switch by which a machine may depart from the kernel: the alternatives that five threads of the linux-mm list
 * (A to E) debate. The default is Linux 6.18.
 */
public enum Switch {
    // A: "support large folio for mlock", July 2023
    VMA_SPLIT_FOLIO_POLICY("A", "none", SwitchValues.words("none", "try_split", "fail_on_pinned", "queue_deferred",
        "fail_on_pinned_ebusy")
        .orCounted("try_split_retry"), "what a VMA split does to an anonymous folio across the new boundary (mlock of large folios)", "*"),
    VMA_SPLIT_TRIGGER("A", "{}", SwitchValues.subsetOf("mlock", "munlock", "mprotect", "munmap", "mremap", "madvise_flag",
        "mbind", "uffd"), "which calls apply vma_split_folio_policy (mlock of large folios)", "*"),
    SPLIT_SHAPE("A", "uniform_order0", SwitchValues.words("uniform_order0", "nonuniform_at_boundary"),
        "whether a split keeps the largest possible orders on each side (mlock of large folios)", "*"),
    MLOCK_LARGE_RULE("A", "inside_range_fully_mapped", SwitchValues.words("inside_range_fully_mapped",
        "inside_vma_fully_mapped", "any_mapping", "never_large", "per_page_bit"),
        "which large folios mlock marks (mlock of large folios)", "*"),
    MUNLOCK_LARGE_RULE("A", "any_removal_unlocks", SwitchValues.words("any_removal_unlocks", "last_locked_page_unlocks"),
        "when a large folio loses its mark (mlock of large folios)", "*"),
    PIN_GRANULARITY("A", "folio", SwitchValues.words("folio", "page"),
        "whether a pin holds the whole folio or only its pages (mlock of large folios)", "*"),
    GUP_SPLIT("A", "never", SwitchValues.words("never", "longterm_only", "always"),
        "whether a pin splits the folio first (mlock of large folios)", "*"),
    PTE_MAP_QUEUES_DEFERRED("A", "false", SwitchValues.bool(),
        "whether mapping a THP by PTEs queues it for a deferred split (mlock of large folios)", "*"),
    SPECULATIVE_REF_RATE("A", "0", SwitchValues.zeroOrRate(),
        "how often and how long a passing reference defeats a split (mlock of large folios)", "*"),

    // B: "reclaim lazyfree THP without splitting", June 2024
    TTU_PMD_SPLIT_POINT("B", "on_entry", SwitchValues.words("on_entry", "before_walk"),
        "when the unmap walk splits a PMD (lazyfree THP without splitting)", "*"),
    LAZYFREE_PMD("B", "split_then_ptes", SwitchValues.words("split_then_ptes", "discard_whole", "discard_else_split"),
        "how reclaim drops a PMD-mapped lazyfree THP (lazyfree THP without splitting)", "*"),
    PMD_PROTECT_KEEPS_DIRTY("B", "true", SwitchValues.bool(),
        "whether a PMD keeps its dirty bit when its protection changes (lazyfree THP without splitting)", "*"),
    TTU_MLOCK_RESTORE("B", "fully_mapped_one_table", SwitchValues.words("fully_mapped_one_table", "small_only",
        "small_or_pmd", "none"), "which folios the unmap walk marks mlocked again (lazyfree THP without splitting)", "*"),
    MLOCK_VS_LAZYFREE_ORDER("B", "mlock_test_first", SwitchValues.words("mlock_test_first", "lazyfree_first"),
        "which test of the unmap walk comes first (lazyfree THP without splitting)", "*"),
    MLOCK_POPULATE_DIRTIES("B", "true", SwitchValues.bool(),
        "whether mlock populates by writing (lazyfree THP without splitting)", "*"),
    LAZYFREE_REF_CHECK("B", "strict", SwitchValues.words("strict", "none"),
        "whether an extra reference stops a lazyfree discard (lazyfree THP without splitting)", "*"),

    // C: MREMAP_RELOCATE_ANON, March to June 2025
    MREMAP_RELOCATE("C", "off", SwitchValues.words("off", "flag", "flag_must", "auto_if_neighbour", "auto_always", "prctl",
        "lazy_on_span"), "when mremap rewrites the offsets of moved folios (MREMAP_RELOCATE_ANON)", "*"),
    RELOCATE_OFFSETS_WHEN_NO_MERGE("C", "true", SwitchValues.bool(),
        "whether offsets are rewritten where no merge follows (MREMAP_RELOCATE_ANON)", "*"),
    RELOCATE_SHARED_TEST("C", "chain+children+mapcount", SwitchValues.words("chain+children+mapcount",
        "ever_cow_shared_bit", "mapcount_only"), "how a relocation knows that memory was never shared (MREMAP_RELOCATE_ANON)", "*"),
    RELOCATE_PINNED("C", "refuse", SwitchValues.words("refuse", "allow"), "pinned folios (MREMAP_RELOCATE_ANON)", "*"),
    RELOCATE_LARGE_CROSS("C", "try_split", SwitchValues.words("try_split", "fail", "skip_keep_old_offsets"),
        "large folios across the end of the range (MREMAP_RELOCATE_ANON)", "*"),
    RELOCATE_FAILURE("C", "undo_fallback", SwitchValues.words("undo_fallback", "precheck_then_commit", "partial_keep_prefix"),
        "what a relocation that fails half-way does (MREMAP_RELOCATE_ANON)", "*"),
    RELOCATE_NONPRESENT("C", "skip", SwitchValues.words("skip", "wait_migration_fix_swapcache", "refuse"),
        "migration and swap entries (MREMAP_RELOCATE_ANON)", "*"),
    RELOCATE_KSM("C", "unmerge_first", SwitchValues.words("unmerge_first", "move_rmap_items", "refuse"),
        "KSM pages (MREMAP_RELOCATE_ANON)", "*"),
    MREMAP_SPAN("C", "multi_vma_move", SwitchValues.words("multi_vma_move", "single_vma"),
        "whether mremap moves more than one VMA (MREMAP_RELOCATE_ANON)", "*"),
    MERGE_RULE("C", "6.18", SwitchValues.words("6.18", "6.12", "ignore_fork_child"),
        "which neighbouring anonymous VMAs merge (MREMAP_RELOCATE_ANON)", "*"),

    // D: collapse_pte_mapped_thp with anon_vma, January 2023
    COLLAPSE_INSTALL_PMD("D", "madv_only", SwitchValues.words("madv_only", "always", "never"),
        "who installs a PMD after a file collapse (collapse_pte_mapped_thp)", "*"),
    COLLAPSE_PMD_WRITABLE("D", "page_prot", SwitchValues.words("page_prot", "read_only", "vma_prot"),
        "whether that PMD is writable at once (collapse_pte_mapped_thp)", "*"),
    COLLAPSE_ALLOW_ANON_VMA("D", "true", SwitchValues.bool(),
        "whether a VMA with an anon_vma can be collapsed onto the file (collapse_pte_mapped_thp)", "*"),
    RETRACT_ALLOW_ANON_VMA("D", "false", SwitchValues.bool(),
        "whether page tables of such VMAs are retracted (collapse_pte_mapped_thp)", "*"),
    UFFD_MINOR_RESOLVE("D", "pte_only", SwitchValues.words("pte_only", "pmd_if_folio_huge"),
        "what UFFDIO_CONTINUE maps (collapse_pte_mapped_thp)", "*"),
    COLLAPSE_REPORT("D", "attempt", SwitchValues.words("attempt", "verify_before_return"),
        "what MADV_COLLAPSE reports (collapse_pte_mapped_thp)", "*"),

    // E: "mapcount madness", January 2024
    MAPCOUNT_MODEL("E", "per_page", SwitchValues.words("per_page", "no_page", "vma_table_pairs", "total_pages",
        "first_page_heuristic"), "what a large folio knows of its mappings (mapcount madness)", "*"),
    SHARED_TEST("E", "mm_ids2", SwitchValues.words("mm_ids2", "first_page", "exact_set").orCounted("mm_ids"),
        "how it is known whether others map a folio (mapcount madness)", "*"),
    COW_REUSE_LARGE("E", "mm_id_exact", SwitchValues.words("mm_id_exact", "never", "oracle"),
        "when a write fault reuses a page of a large folio (mapcount madness)", "*"),
    STATS_MODEL("E", "exact", SwitchValues.words("exact", "folio_granular"),
        "how AnonPages and Mapped count (mapcount madness)", "*"),
    PSS_MODEL("E", "per_page_exact", SwitchValues.words("per_page_exact", "average_rounded", "average_fraction"),
        "how Pss is computed (mapcount madness)", "*"),
    REFCOUNT_BITS("E", "32", SwitchValues.words("32", "16", "24", "64", "64_large"),
        "width of a folio's reference count; 64_large: large folios only (mapcount madness)", "*"),
    REFCOUNT_OVERFLOW("E", "unchecked_map_checked_gup", SwitchValues.words("unchecked_map_checked_gup",
        "fail_fork_and_fault", "saturate", "wide"), "what happens at the limit of a reference count (mapcount madness)", "*"),
    REF_PER_MAPPING("E", "per_pte", SwitchValues.words("per_pte", "per_vma_table", "per_folio_mapping"),
        "how many references a mapping takes (mapcount madness)", "*"),
    INSERT_PAGE_RMAP("E", "rmap_add", SwitchValues.words("rmap_add", "explicit_no_rmap", "explicit_no_rmap_no_rss",
        "mapcount_only"), "whether vm_insert_page counts as a mapping (mapcount madness)", "*"),
    WIDTH_32BIT_MM_ID("E", "false", SwitchValues.bool(), "15-bit mm ids and short mapcounts, as on 32 bits (mapcount madness)", "*");

    private final String group;
    private final String defaultValue;
    private final SwitchValues values;
    private final String about;
    private final List<String> modelled;

    /** @param modelled the values beside the default that the model honours; {@code *} for all that it takes */
    Switch(String group, String defaultValue, SwitchValues values, String about, String... modelled) {
        this.group = group;
        this.defaultValue = defaultValue;
        this.values = values;
        this.about = about;
        this.modelled = List.of(modelled);
    }

    /** The switch of that name, if there is one. */
    public static Optional<Switch> named(String key) {
        return Arrays.stream(values()).filter(candidate -> candidate.key().equals(key)).findFirst();
    }

    /** The name in experiment files. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The thread that debates it, A to E. */
    public String group() {
        return group;
    }

    /** What Linux 6.18 does. */
    public String defaultValue() {
        return defaultValue;
    }

    public SwitchValues accepted() {
        return values;
    }

    /** One line: what it decides, and the thread. */
    public String about() {
        return about;
    }

    /** Whether the model honours this value (in its canonical spelling). */
    public boolean models(String value) {
        return value.equals(defaultValue) || modelled.contains(value) || modelled.contains("*");
    }

    /** The values that the model honours, the default first. */
    public List<String> modelledValues() {
        List<String> all = new ArrayList<>(List.of(defaultValue));
        all.addAll(modelled);
        return all;
    }
}
