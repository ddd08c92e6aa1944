package org.foliofleet.node.local;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.FolioTally;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.policy.RefcountOverflow;

/** Measures a machine by looking at its state: folios and page tables run by run, and the kernel's counters. */
final class MachineMetrics {
    private final Machine machine;
    private final Map<MetricKey, Long> values = new TreeMap<>();

    private MachineMetrics(Machine machine) {
        this.machine = machine;
    }

    static MetricValues of(Machine machine) {
        MachineMetrics metrics = new MachineMetrics(machine);
        metrics.measure();
        return MetricValues.of(metrics.values);
    }

    private void measure() {
        add(Metric.TICKS, machine.ticks());
        add(Metric.MESSAGES, machine.messages());
        if (machine.workload() != null) {
            programs(machine.workload());
        }
        for (Metric metric : new Metric[] {Metric.FOLIOS_LIVE, Metric.RESIDENT, Metric.FOLIOS_PARTIALLY_MAPPED, Metric.MLOCKED,
            Metric.PINNED_FOLIOS, Metric.RETAINED_UNMAPPED, Metric.DEFERRED_LENGTH, Metric.HUGE_COVERAGE, Metric.MAPPED,
            Metric.VMAS, Metric.LOCKED_SHORTFALL, Metric.SPLIT_OK, Metric.SPLIT_FAIL, Metric.DEFERRED_QUEUED, Metric.FALLBACKS}) {
            add(metric, 0);
        }
        for (int i = 0; i < machine.topology().nodes().size(); i++) {
            NumaNode node = machine.node(i);
            add(Metric.FREE, node.frames().freePages());
            tally(node);
            node.folios().forEach((start, count, folio) -> folios(count, folio));
        }
        MappingMetrics mappings = new MappingMetrics(machine);
        long vmaPeak = machine.namespace().vmaPeak();
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma && !vma.isGone() && vma.info() != null) {   // null: asked for, not yet made
                mappings.add(vma);
            } else if (owner instanceof Process process) {
                vmaPeak = Math.max(vmaPeak, process.vmaPeak());
            }
        }
        add(Metric.VMAS, mappings.vmas);
        add(Metric.VMA_PEAK, vmaPeak);
        add(Metric.MAPPED, mappings.mapped);
        add(Metric.HUGE_COVERAGE, mappings.hugeCoverage);
        add(Metric.LOCKED_SHORTFALL, mappings.lockedShortfall);
        add(Metric.LOCKED_EXCESS, mappings.lockedExcess(values.get(MetricKey.of(Metric.MLOCKED))));
        add(Metric.CROSSING_FOLIOS, mappings.crossing);
        add(Metric.KERNEL_META, mappings.kernelMeta());
        add(Metric.SWAPPED, machine.swap().used());
        add(Metric.OOM_KILLS, 0);
        headroom();
        counters();
    }

    /** VMAs of all processes. */
    static long vmas(Machine machine) {
        long vmas = 0;
        for (Owner owner : machine.owners()) {
            vmas += owner instanceof Process process && process.isAlive() ? process.vmas().size() : 0;
        }
        return vmas;
    }

    private void programs(Workload workload) {
        add(Metric.PROCESSES, workload.processes());
        add(Metric.PROCESSES_PEAK, workload.processesPeak());
        add(Metric.CALLS, workload.calls());
        add(Metric.CALLS_FAILED, workload.callsFailed());
        add(Metric.EXPECTATIONS_UNMET, workload.expectationsUnmet());
        add(Metric.FORKS, workload.forks());
        add(Metric.OVERRUNS, workload.overruns());
        for (FailureGroup group : workload.failures()) {
            values.put(MetricKey.of(Metric.CALLS_FAILED, group.call(), group.error()), group.count());
        }
    }

    private void add(Metric metric, long value) {
        values.merge(MetricKey.of(metric), value, Long::sum);
    }

    /** A run of folios that are alike. */
    private void folios(long pages, Folio folio) {
        long folios = pages >> folio.order();
        add(Metric.FOLIOS_LIVE, folios);
        part(Metric.FOLIOS_LIVE, Integer.toString(folio.order()), folios);
        add(Metric.RESIDENT, pages);
        add(Metric.FOLIOS_PARTIALLY_MAPPED, folio.has(Folio.PARTIALLY_MAPPED) ? folios : 0);
        add(Metric.DEFERRED_LENGTH, folio.has(Folio.DEFERRED) ? folios : 0);
        add(Metric.MLOCKED, folio.has(Folio.MLOCKED) ? pages : 0);
        add(Metric.PINNED_FOLIOS, folio.pins() > 0 ? folios : 0);
        boolean held = folio.entire() > 0 || folio.has(Folio.CACHED) || folio.has(Folio.SWAPCACHE);
        add(Metric.RETAINED_UNMAPPED, held ? 0 : folios * (folio.pages() - folio.counts().mapped()));
    }

    private void counters() {
        machine.counters().forEach((name, value) -> {
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
        add(Metric.SAFETY_VIOLATIONS, counter(VmEvent.REFCOUNT_FREED_WHILE_MAPPED));
        add(Metric.OVERFLOW_EVENTS, counter(VmEvent.REFCOUNT_OVERFLOW) + counter(VmEvent.REFCOUNT_SATURATED)
                + counter(VmEvent.REFCOUNT_GUP_REFUSED) + counter(VmEvent.REFCOUNT_FORK_REFUSED) + counter(VmEvent.REFCOUNT_FAULT_REFUSED));
        long pinned = values.getOrDefault(MetricKey.of(Metric.SPLIT_FAIL, "pinned"), 0L);
        part(Metric.SPLIT_FAIL, "spec", values.get(MetricKey.of(Metric.SPLIT_FAIL)) - pinned);
        add(Metric.PMD_SPLITS, counter(VmEvent.THP_SPLIT_PMD));
    }

    private void fault(String kind, VmEvent event) {
        add(Metric.FAULTS, counter(event));
        part(Metric.FAULTS, kind, counter(event));
    }

    /** A part of a metric, if there is any of it. */
    private void part(Metric metric, String label, long value) {
        if (value != 0) {
            values.merge(MetricKey.of(metric, label), value, Long::sum);
        }
    }

    private void tally(NumaNode node) {
        FolioTally tally = node.tally();
        for (int order = 0; order <= PageOrder.PMD; order++) {
            add(Metric.FOLIOS_ALLOCATED, tally.allocated(order));
            part(Metric.FOLIOS_ALLOCATED, Integer.toString(order), tally.allocated(order));
            add(Metric.FOLIOS_FREED, tally.freedOf(order));
            part(Metric.FOLIOS_FREED, Integer.toString(order), tally.freedOf(order));
        }
        part(Metric.SPLIT_FAIL, "pinned", tally.splitsRefusedByPins());
        values.merge(MetricKey.of(Metric.REFS_PEAK), tally.referencesPeak(), Math::max);
        add(Metric.DEFERRED_QUEUED, node.deferredQueue().ever());
        add(Metric.DEFERRED_PEAK, node.deferredQueue().peak());
    }

    /** What the highest reference count leaves of the range of the counter, in hundredths of a percent; nothing if it met the limit. */
    private void headroom() {
        int bits = machine.settings().refcountBits();
        if (machine.settings().overflowPolicy() == RefcountOverflow.WIDE) {
            bits = Long.SIZE;
        }
        long peak = values.get(MetricKey.of(Metric.REFS_PEAK));
        long max = bits == Long.SIZE ? Long.MAX_VALUE : (1L << bits - 1) - 1;
        add(Metric.REFCOUNT_HEADROOM, Math.max(0, 10_000 - (bits == Long.SIZE ? 0 : (peak * 10_000 + max - 1) / max)));
    }

    private long counter(VmEvent event) {
        return machine.counters().getOrDefault(event.word(), 0L);
    }
}
