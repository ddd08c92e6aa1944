package org.foliofleet.node.local;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;

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
            node.folios().forEach((start, count, folio) -> folios(count, folio));
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma && !vma.isGone() && vma.info() != null) {   // null: asked for, not yet made
                vma(vma);
            }
        }
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
        add(Metric.RESIDENT, pages);
        add(Metric.FOLIOS_PARTIALLY_MAPPED, folio.has(Folio.PARTIALLY_MAPPED) ? folios : 0);
        add(Metric.DEFERRED_LENGTH, folio.has(Folio.DEFERRED) ? folios : 0);
        add(Metric.MLOCKED, folio.has(Folio.MLOCKED) ? pages : 0);
        add(Metric.PINNED_FOLIOS, folio.pins() > 0 ? folios : 0);
        boolean held = folio.entire() > 0 || folio.has(Folio.CACHED) || folio.has(Folio.SWAPCACHE);
        add(Metric.RETAINED_UNMAPPED, held ? 0 : folios * (folio.pages() - folio.counts().mapped()));
    }

    private void vma(Vma vma) {
        add(Metric.VMAS, 1);
        boolean locked = vma.info().has(VmaFlags.LOCKED);
        vma.pages().forEach((start, count, entry) -> {
            if (entry.state() != Pte.State.PRESENT) {
                return;
            }
            add(Metric.MAPPED, count);
            add(Metric.HUGE_COVERAGE, entry.isPmd() ? count : 0);
            for (long page = start; locked && page < start + count; page++) {
                long frame = entry.frame(page);
                Folio folio = machine.node(Frame.node(frame)).folio(frame);
                add(Metric.LOCKED_SHORTFALL, folio == null || folio.has(Folio.MLOCKED) ? 0 : 1);
            }
        });
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
            } else if (name.endsWith("k.split_deferred")) {
                add(Metric.DEFERRED_QUEUED, value);
            } else if (name.endsWith("k.anon_fault_fallback")) {
                add(Metric.FALLBACKS, value);
            }
        });
        add(Metric.FAULTS, counter(VmEvent.PGFAULT));
        add(Metric.COW_COPIES, counter(VmEvent.COW_COPIES));
        add(Metric.COW_REUSES, counter(VmEvent.PGREUSE));
        add(Metric.PMD_SPLITS, counter(VmEvent.THP_SPLIT_PMD));
    }

    private long counter(VmEvent event) {
        return machine.counters().getOrDefault(event.word(), 0L);
    }
}
