package org.foliofleet.node.mm.measure;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.numa.SplitFailure;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.node.mm.workload.WorkloadReport;
import org.foliofleet.protocol.experiment.Distribution;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.message.LatencyKind;
import org.foliofleet.protocol.policy.MappingPolicies;
import org.foliofleet.protocol.policy.MlockPolicies.MlockLargeRule;
import org.foliofleet.protocol.policy.RefcountOverflow;

/** What was measured of all owners, as metrics. */
final class Evaluation {
    /** Metrics that are 0 where nothing of the kind is there, instead of not measured. */
    private static final Metric[] AT_LEAST_ZERO = {Metric.SPLIT_OK, Metric.SPLIT_FAIL, Metric.FALLBACKS, Metric.OOM_KILLS};

    private static final String REFUSED = "relocate_refused_";

    private final KernelSettings settings;
    private final TreeMap<MetricKey, Long> values = new TreeMap<>();
    private NodeTotals nodes;

    Evaluation(KernelSettings settings) {
        this.settings = settings;
    }

    MetricValues of(NodeTotals ofNodes, MappingTotals mappings, WorkloadReport programs, long swapped, long ticks, long messages,
            Map<MetricKey, Long> collapses, Map<MetricKey, Long> ofCgroups) {
        nodes = ofNodes;
        for (Metric metric : AT_LEAST_ZERO) {
            add(metric, 0);
        }
        add(Metric.TICKS, ticks);
        add(Metric.MESSAGES, messages);
        if (programs != null) {
            programs(programs);
        }
        nodes.sums().forEach((key, value) -> values.merge(key, value, Long::sum));
        add(Metric.VMAS, mappings.vmas());
        add(Metric.VMA_PEAK, mappings.vmaPeak());
        add(Metric.MAPPED, mappings.mapped());
        add(Metric.HUGE_COVERAGE, mappings.hugeCoverage());
        locked(mappings);
        add(Metric.MEAN_ORDER, nodes.meanOrder());
        add(Metric.CROSSING_FOLIOS, mappings.crossing());
        mappings.kernelMeta().forEach((object, bytes) -> {
            add(Metric.KERNEL_META, bytes);
            part(Metric.KERNEL_META, object, bytes);
        });
        add(Metric.ANON_VMAS, mappings.anonVmas());
        add(Metric.ANON_VMA_CHAINS, mappings.chains());
        add(Metric.SWAPPED, swapped);
        add(Metric.COLLAPSES, 0);
        values.putAll(collapses);
        collapses.forEach((key, count) -> add(key.metric(), key.metric() == Metric.COLLAPSES ? count : 0));
        values.putAll(ofCgroups);
        headroom();
        counters();
        return MetricValues.of(values);
    }

    private void programs(WorkloadReport programs) {
        add(Metric.PROCESSES, programs.processes());
        add(Metric.PROCESSES_PEAK, programs.peak());
        add(Metric.CALLS, programs.calls());
        add(Metric.CALLS_FAILED, programs.failed());
        add(Metric.EXPECTATIONS_UNMET, programs.expectations());
        add(Metric.FORKS, programs.forks());
        add(Metric.OVERRUNS, programs.overruns());
        latencies(programs.latencies());
        for (FailureGroup group : programs.failures()) {
            values.put(MetricKey.of(Metric.CALLS_FAILED, group.call(), group.error()), group.count());
        }
    }

    private void latencies(Latencies latencies) {
        add(Metric.FAULT_TIME, 0);
        add(Metric.STALL_TIME, 0);
        latencies.forEach((kind, highest, count) ->
            values.put(Distribution.bucket(kind.isStall() ? Metric.STALL_LATENCY : Metric.FAULT_LATENCY, kind.word(), highest), count));
        for (LatencyKind kind : LatencyKind.values()) {
            Metric time = kind.isStall() ? Metric.STALL_TIME : Metric.FAULT_TIME;
            add(time, latencies.sum(kind));
            part(time, kind.word(), latencies.sum(kind));
        }
    }

    /** Pages of mlocked folios against those that locked VMAs map. */
    private void locked(MappingTotals mappings) {
        RunSet asked = new RunSet();
        long shortfall = 0;
        if (mappings.hasLocked()) {
            shortfall = mappings.lockedIn(nodes.folios(), new RunSet()) - mappings.lockedIn(nodes.mlocked(), asked);
        }
        if (settings.policies().mlock().mlockLargeRule() == MlockLargeRule.PER_PAGE_BIT) {   // each page knows
            RunSet pages = new RunSet();
            mappings.lockedIn(nodes.folios(), pages);
            values.put(MetricKey.of(Metric.MLOCKED), pages.size());
            add(Metric.LOCKED_SHORTFALL, 0);
            add(Metric.LOCKED_EXCESS, 0);
            return;
        }
        add(Metric.LOCKED_SHORTFALL, shortfall);
        add(Metric.LOCKED_EXCESS, values.get(MetricKey.of(Metric.MLOCKED)) - asked.size());
    }

    /** What the highest reference count leaves of the range of the counter, in hundredths of a percent; nothing if it met the limit. */
    private void headroom() {
        long peak = nodes.referencesPeak();
        add(Metric.REFS_PEAK, peak);
        MappingPolicies mapping = settings.policies().mapping();
        int bits = mapping.refcountOverflow() == RefcountOverflow.WIDE ? Long.SIZE : mapping.refcountBits();
        long max = bits == Long.SIZE ? Long.MAX_VALUE : (1L << bits - 1) - 1;
        add(Metric.REFCOUNT_HEADROOM, Math.max(0, 10_000 - (bits == Long.SIZE ? 0 : (peak * 10_000 + max - 1) / max)));
    }

    private void counters() {
        nodes.counters().forEach((name, value) -> {
            if (value != 0) {
                values.put(MetricKey.of(Metric.COUNTER, name), value);
            }
            if (name.endsWith("k.split")) {
                add(Metric.SPLIT_OK, value);
            } else if (name.endsWith("k.split_failed")) {
                add(Metric.SPLIT_FAIL, value);
            } else if (name.endsWith("k.anon_fault_fallback")) {
                add(Metric.FALLBACKS, value);
            }
        });
        fault("anon", VmEvent.FAULT_ANON);
        fault("zero", VmEvent.FAULT_ZERO);
        fault("file", VmEvent.FAULT_FILE);
        fault("swap", VmEvent.FAULT_SWAP);
        fault("cow", VmEvent.COW_COPIES);
        fault("reuse", VmEvent.FAULT_REUSE);
        add(Metric.COW_COPIES, counter(VmEvent.COW_COPIES));
        add(Metric.COW_COPIES_AVOIDABLE, counter(VmEvent.COW_AVOIDABLE));
        add(Metric.COW_REUSES, counter(VmEvent.FAULT_REUSE));
        add(Metric.MAP_COUNT_FAIL, counter(VmEvent.MAP_COUNT_FAIL));
        violation("freed", VmEvent.REFCOUNT_FREED_WHILE_MAPPED);
        violation("driver", VmEvent.DEVICE_FREED_WHILE_MAPPED);
        violation("dirty", VmEvent.DIRTY_LOST);
        violation("locked", VmEvent.LOCKED_DISCARDED);
        violation("held", VmEvent.DISCARDED_WHILE_HELD);
        add(Metric.DIRTY_LOST, counter(VmEvent.DIRTY_LOST));
        add(Metric.DISCARD_ENTRIES, counter(VmEvent.LAZYFREE_ENTRIES));
        add(Metric.MLOCK_REPAIRS, counter(VmEvent.MLOCK_REPAIRED));
        add(Metric.LOCKED_SCANNED, counter(VmEvent.RECLAIM_LOCKED_SKIPPED));
        part(Metric.PMD_SPLITS, "reclaim", counter(VmEvent.RECLAIM_PMD_SPLIT));
        violation("rmap", VmEvent.RMAP_STALE);
        relocations();
        add(Metric.OVERFLOW_EVENTS, counter(VmEvent.REFCOUNT_OVERFLOW) + counter(VmEvent.REFCOUNT_SATURATED)
                + counter(VmEvent.REFCOUNT_GUP_REFUSED) + counter(VmEvent.REFCOUNT_FORK_REFUSED) + counter(VmEvent.REFCOUNT_FAULT_REFUSED));
        for (SplitFailure uncounted : List.of(SplitFailure.LOCKED, SplitFailure.WRITEBACK)) {
            add(Metric.SPLIT_FAIL, values.getOrDefault(MetricKey.of(Metric.SPLIT_FAIL, uncounted.label()), 0L));
        }
        add(Metric.NEW_USER_ERRORS, counter(VmEvent.NEW_USER_ERRORS));
        for (VmEvent event : List.of(VmEvent.UFFD_MISSING, VmEvent.UFFD_MINOR, VmEvent.UFFD_WP, VmEvent.UFFD_FORK, VmEvent.UFFD_REMAP,
                VmEvent.UFFD_REMOVE, VmEvent.UFFD_UNMAP)) {
            add(Metric.UFFD_EVENTS, counter(event));
            part(Metric.UFFD_EVENTS, event.word().substring("uffd_".length()), counter(event));
        }
        add(Metric.OOM_KILLS, counter(VmEvent.OOM_KILL));
        add(Metric.ALLOC_STALLS, counter(VmEvent.ALLOCSTALL));
        for (VmEvent event : List.of(VmEvent.PGSTEAL_KSWAPD, VmEvent.PGSTEAL_DIRECT)) {
            add(Metric.RECLAIMED, counter(event));
            part(Metric.RECLAIMED, event.word().substring("pgsteal_".length()), counter(event));
        }
        for (VmEvent event : List.of(VmEvent.THROTTLED_KSWAPD, VmEvent.THROTTLED_DIRECT)) {
            add(Metric.WRITEBACK_WAITS, counter(event));
            part(Metric.WRITEBACK_WAITS, event.word().substring("throttled_".length()), counter(event));
        }
        add(Metric.REFAULTS, counter(VmEvent.WORKINGSET_REFAULT_ANON) + counter(VmEvent.WORKINGSET_REFAULT_FILE));
        part(Metric.REFAULTS, "anon", counter(VmEvent.WORKINGSET_REFAULT_ANON));
        part(Metric.REFAULTS, "file", counter(VmEvent.WORKINGSET_REFAULT_FILE));
        part(Metric.REFAULTS, "active", counter(VmEvent.WORKINGSET_ACTIVATE_ANON) + counter(VmEvent.WORKINGSET_ACTIVATE_FILE));
        add(Metric.WRITEBACK_MET, counter(VmEvent.WRITEBACK_MET));
        part(Metric.WRITEBACK_MET, "again", counter(VmEvent.WRITEBACK_MET_AGAIN));
        add(Metric.COLLAPSE_STALE, counter(VmEvent.COLLAPSE_STALE));
        add(Metric.COLLAPSE_TABLES_FREED, counter(VmEvent.COLLAPSE_TABLES_FREED));
        add(Metric.PMD_SPLITS, counter(VmEvent.THP_SPLIT_PMD));
    }

    private void violation(String kind, VmEvent event) {
        add(Metric.SAFETY_VIOLATIONS, counter(event));
        part(Metric.SAFETY_VIOLATIONS, kind, counter(event));
    }

    private void relocations() {
        add(Metric.RELOCATIONS, counter(VmEvent.RELOCATIONS));
        add(Metric.FOLIOS_RELOCATED, counter(VmEvent.RELOCATED_FOLIOS));
        add(Metric.RELOCATION_UNDOS, counter(VmEvent.RELOCATE_UNDO));
        part(Metric.RELOCATION_UNDOS, "failed", counter(VmEvent.RELOCATE_UNDO_FAILED));
        add(Metric.WALK_COST, counter(VmEvent.RELOCATE_VISITS));
        part(Metric.WALK_COST, "relocate", counter(VmEvent.RELOCATE_VISITS));
        add(Metric.RELOCATIONS_REFUSED, 0);
        for (VmEvent event : VmEvent.values()) {
            if (event.word().startsWith(REFUSED)) {
                add(Metric.RELOCATIONS_REFUSED, counter(event));
                part(Metric.RELOCATIONS_REFUSED, event.word().substring(REFUSED.length()), counter(event));
            }
        }
    }

    private void fault(String kind, VmEvent event) {
        add(Metric.FAULTS, counter(event));
        part(Metric.FAULTS, kind, counter(event));
    }

    private long counter(VmEvent event) {
        return nodes.counters().getOrDefault(event.word(), 0L);
    }

    private void add(Metric metric, long value) {
        values.merge(MetricKey.of(metric), value, Long::sum);
    }

    private void part(Metric metric, String label, long value) {
        if (value != 0) {
            values.merge(MetricKey.of(metric, label), value, Long::sum);
        }
    }
}
