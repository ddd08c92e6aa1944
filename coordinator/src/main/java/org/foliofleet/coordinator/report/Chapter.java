package org.foliofleet.coordinator.report;

import java.util.List;
import org.foliofleet.protocol.experiment.Metric;

/** Groups of metrics that every summary shows, as far as they were measured and are not zero everywhere. */
public enum Chapter {
    WORK("What was done", Metric.PROCESSES, Metric.PROCESSES_PEAK, Metric.CALLS, Metric.CALLS_FAILED, Metric.FORKS,
        Metric.FAULTS, Metric.COW_COPIES, Metric.COW_REUSES, Metric.COW_COPIES_AVOIDABLE, Metric.TICKS, Metric.MESSAGES),
    FOLIOS("Folios and memory", Metric.FOLIOS_ALLOCATED, Metric.FOLIOS_FREED, Metric.FOLIOS_LIVE, Metric.RESIDENT,
        Metric.MAPPED, Metric.FREE, Metric.HUGE_COVERAGE, Metric.RETAINED_UNMAPPED, Metric.FALLBACKS, Metric.SWAPPED,
        Metric.MLOCKED, Metric.LOCKED_SHORTFALL, Metric.LOCKED_EXCESS),
    SPLITS("Splits and queues", Metric.SPLIT_OK, Metric.SPLIT_FAIL, Metric.PMD_SPLITS, Metric.DEFERRED_QUEUED,
        Metric.DEFERRED_LENGTH, Metric.DEFERRED_PEAK, Metric.FOLIOS_PARTIALLY_MAPPED, Metric.CROSSING_FOLIOS),
    LIMITS("Limits", Metric.REFS_PEAK, Metric.REFCOUNT_HEADROOM, Metric.OVERFLOW_EVENTS, Metric.PINNED_FOLIOS,
        Metric.VMAS, Metric.VMA_PEAK, Metric.MAP_COUNT_FAIL, Metric.KERNEL_META, Metric.OOM_KILLS,
        Metric.SAFETY_VIOLATIONS);

    private final String title;
    private final List<Metric> metrics;

    Chapter(String title, Metric... metrics) {
        this.title = title;
        this.metrics = List.of(metrics);
    }

    public String title() {
        return title;
    }

    /** In the order in which they are shown. */
    public List<Metric> metrics() {
        return metrics;
    }
}
