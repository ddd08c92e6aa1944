package org.foliofleet.protocol.experiment;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is measured in an experiment: the names that assertions and summaries use. */
public enum Metric {
    PROCESSES(Unit.COUNT, Fold.SUM, "processes that lived"),
    PROCESSES_PEAK(Unit.COUNT, Fold.MAX, "most processes alive at once in one machine"),
    CALLS(Unit.COUNT, Fold.SUM, "calls made by programs"),
    CALLS_FAILED(Unit.COUNT, Fold.SUM, "calls that failed; labels: call, error"),
    EXPECTATIONS_UNMET(Unit.COUNT, Fold.SUM, "steps that ended otherwise than their 'expect' says"),
    OVERRUNS(Unit.COUNT, Fold.SUM, "calls whose messages took longer than the cost table says"),
    TICKS(Unit.COUNT, Fold.MAX, "ticks executed by the machine that executed most"),
    MESSAGES(Unit.COUNT, Fold.SUM, "messages between owners"),
    FAULTS(Unit.COUNT, Fold.SUM, "page faults; label: kind"),
    FAULT_LATENCY(Unit.NANOS, Fold.SUM, "how long faults took; labels: kind (all if left out), and p50, p90, p99, p999 or max"),
    FAULT_TIME(Unit.NANOS, Fold.SUM, "simulated time in faults; label: kind"),
    STALL_LATENCY(Unit.NANOS, Fold.SUM, "how long stalls took; labels: kind (all if left out), and p50, p90, p99, p999 or max"),
    STALL_TIME(Unit.NANOS, Fold.SUM, "simulated time in stalls; label: kind"),
    FORKS(Unit.COUNT, Fold.SUM, "forks that succeeded"),
    COW_COPIES(Unit.COUNT, Fold.SUM, "pages copied by write faults"),
    COW_REUSES(Unit.COUNT, Fold.SUM, "write faults that reused the page"),
    COW_COPIES_AVOIDABLE(Unit.COUNT, Fold.SUM, "copies where nobody else had the page"),
    FOLIOS_ALLOCATED(Unit.COUNT, Fold.SUM, "folios that came into being; label: order"),
    FOLIOS_FREED(Unit.COUNT, Fold.SUM, "folios freed; label: order"),
    FOLIOS_LIVE(Unit.COUNT, Fold.SUM, "folios alive; label: order"),
    FOLIOS_PARTIALLY_MAPPED(Unit.COUNT, Fold.SUM, "large folios marked partially mapped"),
    RESIDENT(Unit.PAGES, Fold.SUM, "memory in folios"),
    MAPPED(Unit.PAGES, Fold.SUM, "memory of all processes, each mapping counted (sum of Rss)"),
    DRIVER_MEMORY(Unit.PAGES, Fold.SUM, "memory of drivers"),
    DRIVER_REFS(Unit.COUNT, Fold.SUM, "references of drivers' memory: their own, mappings and GUP"),
    DRIVER_MAPCOUNT(Unit.COUNT, Fold.SUM, "sum of kpagecount over drivers' memory"),
    DRIVER_PSS(Unit.BYTES, Fold.SUM, "drivers' memory in the Pss of all processes"),
    FREE(Unit.PAGES, Fold.MIN, "free memory of the machine that has least"),
    HUGE_COVERAGE(Unit.PAGES, Fold.SUM, "memory mapped by PMDs"),
    MEAN_ORDER(Unit.DECIMAL, Fold.MIN, "mean order of folios weighted by their pages, of the machine with the lowest"),
    RETAINED_UNMAPPED(Unit.PAGES, Fold.SUM, "resident pages that nobody maps and no file holds"),
    MLOCKED(Unit.PAGES, Fold.SUM, "memory in mlocked folios (NR_MLOCK)"),
    LOCKED_SHORTFALL(Unit.PAGES, Fold.SUM, "resident in locked VMAs but not in an mlocked folio"),
    LOCKED_EXCESS(Unit.PAGES, Fold.SUM, "in an mlocked folio but in no locked VMA"),
    CROSSING_FOLIOS(Unit.COUNT, Fold.SUM, "folios mapped in more than one VMA of a process"),
    SPLIT_OK(Unit.COUNT, Fold.SUM, "folios split"),
    SPLIT_FAIL(Unit.COUNT, Fold.SUM, "splits that failed; labels: pinned, spec (any other reference), locked (not tried), race (a reference came later), wb (under writeback)"),
    PMD_SPLITS(Unit.COUNT, Fold.SUM, "PMD mappings split into PTEs; label: reclaim, those that reclaim split"),
    DISCARD_ENTRIES(Unit.COUNT, Fold.SUM, "page-table entries that discards of lazyfree folios dropped, a PMD is one"),
    MLOCK_REPAIRS(Unit.COUNT, Fold.SUM, "folios that reclaim found in a locked VMA and mlocked"),
    LOCKED_SCANNED(Unit.PAGES, Fold.SUM, "looked at by reclaim in vain, as a locked VMA maps it"),
    DIRTY_LOST(Unit.PAGES, Fold.SUM, "written after MADV_FREE, or by a device into a held page, and lost (must be 0)"),
    DEFERRED_QUEUED(Unit.COUNT, Fold.SUM, "folios put on a deferred split queue"),
    DEFERRED_LENGTH(Unit.COUNT, Fold.SUM, "folios on deferred split queues; label: name of a cgroup, whose queues"),
    DEFERRED_PEAK(Unit.COUNT, Fold.MAX, "longest deferred split queue of a machine"),
    PINNED_FOLIOS(Unit.COUNT, Fold.SUM, "folios with a long-term pin"),
    REFS_PEAK(Unit.COUNT, Fold.MAX, "highest reference count of a folio"),
    REFCOUNT_HEADROOM(Unit.PERCENT, Fold.MIN, "what was left to the limit of the reference count at its highest"),
    OVERFLOW_EVENTS(Unit.COUNT, Fold.SUM, "reference counts that met their limit"),
    VMAS(Unit.COUNT, Fold.SUM, "VMAs"),
    VMA_PEAK(Unit.COUNT, Fold.MAX, "most VMAs of one process"),
    MAP_COUNT_FAIL(Unit.COUNT, Fold.SUM, "calls refused by max_map_count"),
    SHARED_FALSE_POS(Unit.COUNT, Fold.SUM, "folios of one process taken for shared; label: cow, madvise, khugepaged, migrate, numa_hint"),
    SHARED_FALSE_NEG(Unit.COUNT, Fold.SUM, "folios of several processes taken for exclusive; the same labels"),
    ANON_PAGES(Unit.PAGES, Fold.SUM, "anonymous memory mapped by anybody (AnonPages), as the statistics model counts it"),
    FILE_MAPPED(Unit.PAGES, Fold.SUM, "page cache and drivers' memory mapped by anybody (Mapped), as the statistics model counts it"),
    PSS(Unit.BYTES, Fold.SUM, "sum of the Pss of all processes, as the Pss model computes it"),
    USS(Unit.PAGES, Fold.SUM, "mapped memory that smaps shows as private"),
    STAT_ERROR(Unit.BYTES, Fold.SUM, "statistics minus the exact numbers; label: anon_pages, mapped, pss, uss"),
    MAPPING_META(Unit.BYTES, Fold.SUM, "what folios and pages keep about their mappings"),
    RMAP_COST(Unit.COUNT, Fold.SUM, "mapcounts that mapping and unmapping write; label: page_writes for those of single pages"),
    KERNEL_META(Unit.BYTES, Fold.SUM, "kernel objects; label: vma, anon_vma, chain, page_table, mm, maple"),
    ANON_VMAS(Unit.COUNT, Fold.SUM, "anon_vmas that are a VMA's own"),
    ANON_VMA_CHAINS(Unit.COUNT, Fold.SUM, "chain nodes between VMAs and anon_vmas"),
    RELOCATIONS(Unit.COUNT, Fold.SUM, "moves that gave folios the offsets of their new place"),
    FOLIOS_RELOCATED(Unit.COUNT, Fold.SUM, "folios that got another anon_vma and index by that"),
    RELOCATIONS_REFUSED(Unit.COUNT, Fold.SUM, "moves that were to relocate and did not, or only in part; label: why"),
    RELOCATION_UNDOS(Unit.COUNT, Fold.SUM, "relocations that failed half-way and were undone; label failed: folios that could not be"),
    WALK_COST(Unit.COUNT, Fold.SUM, "page-table entries visited beyond what the kernel visits; label: relocate"),
    NEW_USER_ERRORS(Unit.COUNT, Fold.SUM, "calls that failed and would not under the kernel's rules"),
    SWAPPED(Unit.PAGES, Fold.SUM, "memory in swap"),
    FALLBACKS(Unit.COUNT, Fold.SUM, "huge allocations that fell back to smaller folios"),
    COLLAPSES(Unit.COUNT, Fold.SUM, "attempts to collapse a block of 2 MiB; labels: khugepaged or madvise, result"),
    COLLAPSE_STALE(Unit.COUNT, Fold.SUM, "blocks that MADV_COLLAPSE called huge and that were not when it returned"),
    COLLAPSE_TABLES_FREED(Unit.COUNT, Fold.SUM, "page tables that gave way to collapses"),
    KHUGEPAGED_SCANS(Unit.COUNT, Fold.SUM, "full scans of the khugepaged daemon"),
    UFFD_EVENTS(Unit.COUNT, Fold.SUM, "faults that userfaultfd was told of; label: missing, minor, wp"),
    RECLAIMED(Unit.PAGES, Fold.SUM, "taken back because memory was short; label: kswapd, or direct for those that waited for it"),
    ALLOC_STALLS(Unit.COUNT, Fold.SUM, "allocations that had to reclaim themselves"),
    CGROUP_MEMORY(Unit.PAGES, Fold.SUM, "memory charged to cgroups (memory.current); label: name of the cgroup"),
    CGROUP_EVENTS(Unit.COUNT, Fold.SUM, "memory.events of cgroups with a limit; labels: name of the cgroup, and max, oom or oom_kill"),
    REFAULTS(Unit.PAGES, Fold.SUM, "reclaimed and wanted again, with the setting workingset; label: anon, file, active (soon enough to be active at once)"),
    WRITEBACK(Unit.PAGES, Fold.SUM, "memory that the swap device is writing (nr_writeback)"),
    WRITEBACK_MET(Unit.PAGES, Fold.SUM, "looked at by reclaim in vain, as the swap device was writing it; label: again, where kswapd had to wait"),
    WRITEBACK_WAITS(Unit.COUNT, Fold.SUM, "how often reclaim waited for the swap device; label: kswapd, direct"),
    OOM_KILLS(Unit.COUNT, Fold.SUM, "processes killed for want of memory"),
    SAFETY_VIOLATIONS(Unit.COUNT, Fold.SUM, "freed while mapped, lost dirty data, locked or held page discarded, out of reach of rmap; labels: freed, driver, dirty, locked, held, rmap"),
    COUNTER(Unit.COUNT, Fold.SUM, "a kernel counter; label: its name, such as thp_split_page or 2048k.split");

    /** What a value counts. */
    public enum Unit {
        COUNT, PAGES, BYTES, PERCENT,
        /** Hundredths. */
        DECIMAL,
        /** Of simulated time. */
        NANOS
    }

    /** How the values of several machines become one. */
    public enum Fold { SUM, MAX, MIN }

    private final Unit unit;
    private final Fold fold;
    private final String about;

    Metric(Unit unit, Fold fold, String about) {
        this.unit = unit;
        this.fold = fold;
        this.about = about;
    }

    public static Optional<Metric> named(String key) {
        return Arrays.stream(values()).filter(metric -> metric.key().equals(key)).findFirst();
    }

    public static List<String> keys() {
        return Arrays.stream(values()).map(Metric::key).toList();
    }

    /** The name in experiment files. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Percentages are kept in hundredths of a percent. */
    public Unit unit() {
        return unit;
    }

    public Fold fold() {
        return fold;
    }

    /**
     * Whether it is kept as a {@link Distribution}: keys have a kind and the highest value of a bucket, values say how many there are,
     * and whoever asks asks for a quantile.
     */
    public boolean isDistribution() {
        return this == FAULT_LATENCY || this == STALL_LATENCY;
    }

    /** One line that explains it. */
    public String about() {
        return about;
    }
}
