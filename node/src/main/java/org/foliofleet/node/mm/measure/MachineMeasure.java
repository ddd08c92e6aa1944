package org.foliofleet.node.mm.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.khugepaged.Khugepaged;
import org.foliofleet.node.mm.machine.Namespace;
import org.foliofleet.node.mm.memcg.MemoryCgroup;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.swap.Swap;
import org.foliofleet.node.mm.workload.MachineEnd;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.node.mm.workload.Workload.Mark;
import org.foliofleet.node.mm.workload.WorkloadReport;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;

/**
 * What is known of some or all owners of a machine, between two ticks. Owners are added one by one, processes as a whole;
 * measures of other owners of the same machine are added to it, in any order. It can be written as bytes
 * ({@code protocol.serial}), and keeps nothing of the owners.
 */
public final class MachineMeasure {
    private final NodeTotals nodes = new NodeTotals();
    private final MappingTotals mappings = new MappingTotals();
    private long swapped;
    /** Of khugepaged. */
    private final TreeMap<MetricKey, Long> collapses = new TreeMap<>();
    /** Numbers of memory cgroups by name. */
    private final TreeMap<String, Integer> cgroups = new TreeMap<>();
    /** Of those with a limit. */
    private final TreeMap<MetricKey, Long> events = new TreeMap<>();
    /** Messages that those who have the owners have delivered. */
    private long messages;
    private WorkloadReport programs;
    /** By number of the node. */
    private final TreeMap<Integer, NodeSample> briefly = new TreeMap<>();

    /** Of one owner. */
    public static MachineMeasure of(Owner owner) {
        MachineMeasure measure = new MachineMeasure();
        measure.add(owner);
        return measure;
    }

    /** What is cheap to know of one owner: enough for {@link #sample}. */
    public static MachineMeasure briefly(Owner owner) {
        MachineMeasure measure = new MachineMeasure();
        measure.addBriefly(owner);
        return measure;
    }

    /** Adds what is cheap to know of an owner. */
    public void addBriefly(Owner owner) {
        if (owner instanceof NumaNode node) {
            briefly.put(node.number(), NodeSample.of(node));
        } else if (owner instanceof Swap swap) {
            swapped += swap.used();
        }
    }

    /** Adds an owner; those of a process are added {@linkplain #add(ProcessMeasure) together}, others tell nothing. */
    public void add(Owner owner) {
        if (owner instanceof NumaNode node) {
            nodes.add(node);
            briefly.put(node.number(), NodeSample.of(node));
        } else if (owner instanceof Swap swap) {
            swapped += swap.used();
        } else if (owner instanceof Namespace namespace) {
            mappings.addTree(0, namespace.vmaPeak());
            cgroups.putAll(namespace.cgroups());
        } else if (owner instanceof MemoryCgroup cgroup) {
            events.put(MetricKey.of(Metric.CGROUP_EVENTS, cgroup.name(), "max"), cgroup.timesAtMax());
            events.put(MetricKey.of(Metric.CGROUP_EVENTS, cgroup.name(), "oom"), cgroup.timesOutOfMemory());
            events.put(MetricKey.of(Metric.CGROUP_EVENTS, cgroup.name(), "oom_kill"), cgroup.oomKills());
        } else if (owner instanceof Workload workload) {
            programs = workload.report();
        } else if (owner instanceof Khugepaged khugepaged) {
            collapses.put(MetricKey.of(Metric.KHUGEPAGED_SCANS), khugepaged.fullScans());
            khugepaged.attempts(true).forEach((result, count) -> collapses.put(MetricKey.of(Metric.COLLAPSES, "khugepaged", result), count));
            khugepaged.attempts(false).forEach((result, count) -> collapses.put(MetricKey.of(Metric.COLLAPSES, "madvise", result), count));
        }
    }

    /** Whether an owner of that kind, outside of processes, tells anything. */
    public static boolean concerns(OwnerId owner) {
        return owner instanceof OwnerId.NumaNodeId || owner instanceof OwnerId.SwapId || owner instanceof OwnerId.NamespaceId
                || owner instanceof OwnerId.WorkloadId || owner instanceof OwnerId.KhugepagedId
                || owner instanceof OwnerId.MemcgId;
    }

    /** Adds a process and its VMAs. */
    public void add(ProcessMeasure process) {
        process.addTo(mappings);
    }

    public void addMessages(long delivered) {
        messages += delivered;
    }

    /** Adds what somebody else has measured of other owners of the machine. */
    public void add(MachineMeasure other) {
        nodes.add(other.nodes);
        briefly.putAll(other.briefly);
        mappings.add(other.mappings);
        swapped += other.swapped;
        collapses.putAll(other.collapses);
        cgroups.putAll(other.cgroups);
        events.putAll(other.events);
        messages += other.messages;
        programs = other.programs == null ? programs : other.programs;
    }

    /** What came of the programs; null if the machine has none, or their owner has not been added. */
    public WorkloadReport programs() {
        return programs;
    }

    /** VMAs in the trees of all living processes. */
    public long vmas() {
        return mappings.vmasOfTrees();
    }

    /**
     * All owners have been added: what that says of the machine.
     *
     * @param ticks executed so far
     */
    public MetricValues values(KernelSettings settings, long ticks) {
        TreeMap<MetricKey, Long> ofCgroups = new TreeMap<>(nodes.ofCgroups(cgroups));
        ofCgroups.putAll(events);
        return new Evaluation(settings).of(nodes, mappings, programs, swapped, ticks, messages, collapses, ofCgroups);
    }

    /** Gives a workload what was measured briefly after a tick, as a sample. */
    public void sampleTo(Workload workload, long tick) {
        workload.sampled(sample(workload.status().series(), workload.nanos(tick)), tick);
    }

    /**
     * A sample of the machine, but for what its programs know themselves.
     *
     * @param before samples taken earlier
     * @param nanos  simulated time
     */
    private Sample.Builder sample(Series before, long nanos) {
        Sample.Builder sample = Sample.builder(briefly.size());
        sample.set(Track.SWAPPED, swapped);
        briefly.forEach((node, says) -> says.addTo(sample, node, before, nanos));
        return sample;
    }

    /**
     * All owners have been added: what is kept of the machine.
     *
     * @param moment after which it was measured
     * @param end    null if it has not come to its end
     * @param digest of its state
     */
    public MachineResult result(KernelSettings settings, StopRule.Moment moment, MachineEnd end, String digest) {
        List<MarkResult> marks = new ArrayList<>();
        for (Mark mark : programs.marks()) {
            marks.add(new MarkResult(mark.label(), 1, programs.status().nanos(mark.tick(), programs.tickNanos()),
                    MetricValues.of(mark.metrics())));
        }
        List<CallTime> times = new ArrayList<>();
        programs.costs().forEach((call, cost) -> times.add(new CallTime(call, cost.calls(), cost.nanos(), cost.maxNanos())));
        long nanos = end == null ? programs.status().nanos(moment.tick(), programs.tickNanos()) : end.nanos();
        Series series = programs.status().series();
        return new MachineResult(nanos, end == null ? "" : end.why(), values(settings, moment.ticks()), marks, programs.failures(),
                programs.unmet(), times, series.closed(programs.complete(sample(series, nanos), nanos)), digest);
    }
}
