package org.foliofleet.node.mm.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.FolioAccounting;
import org.foliofleet.node.mm.numa.FolioTally;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.SharedUser;
import org.foliofleet.node.mm.numa.SplitFailure;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Memcg;

/** What the NUMA nodes say: folios run by run, what came and went, and the kernel's counters. */
final class NodeTotals {
    private final TreeMap<MetricKey, Long> sums = new TreeMap<>();
    /** By the names of recordings. */
    private final TreeMap<String, Long> counters = new TreeMap<>();
    private long referencesPeak;
    /** Pages times the order of their folio. */
    private long orders;
    /** Frames of folios, and of mlocked ones. */
    private final ArrayList<FrameRuns> folios = new ArrayList<>();
    private final ArrayList<FrameRuns> mlocked = new ArrayList<>();
    /** By number of the cgroup: pages, and folios on deferred split queues. */
    private final TreeMap<Integer, Long> charged = new TreeMap<>();
    private final TreeMap<Integer, Long> deferred = new TreeMap<>();

    void add(NumaNode node) {
        add(Metric.FREE, node.frames().freePages());
        add(Metric.WRITEBACK, node.underWriteback());
        FolioAccounting accounting = new FolioAccounting(node.rules());
        tally(node, accounting);
        Census census = new Census();
        MappingStatistics statistics = new MappingStatistics(accounting);
        DriverStatistics drivers = new DriverStatistics(accounting);
        node.folios().forEach((start, pages, folio) -> {
            census.add(start, pages, folio);
            statistics.add(pages >> folio.order(), folio);
            drivers.add(pages >> folio.order(), folio);
        });
        census.addTo(this);
        statistics.addTo(sums);
        drivers.addTo(sums);
        node.statistics().addTo(counters);
    }

    void add(NodeTotals other) {
        other.sums.forEach((key, value) -> sums.merge(key, value, Long::sum));
        other.counters.forEach((name, value) -> counters.merge(name, value, Long::sum));
        referencesPeak = Math.max(referencesPeak, other.referencesPeak);
        orders += other.orders;
        other.charged.forEach((cgroup, pages) -> charged.merge(cgroup, pages, Long::sum));
        other.deferred.forEach((cgroup, many) -> deferred.merge(cgroup, many, Long::sum));
        folios.addAll(other.folios);
        mlocked.addAll(other.mlocked);
    }

    Map<MetricKey, Long> sums() {
        return sums;
    }

    Map<String, Long> counters() {
        return counters;
    }

    /** The highest reference count that a folio ever had. */
    long referencesPeak() {
        return referencesPeak;
    }

    /** Mean order of all folios, weighted by pages, in hundredths. */
    long meanOrder() {
        long resident = sums.getOrDefault(MetricKey.of(Metric.RESIDENT), 0L);
        return resident == 0 ? 0 : orders * 100 / resident;
    }

    /**
     * Metrics of cgroups, none if there are none.
     *
     * @param numbers by name
     */
    Map<MetricKey, Long> ofCgroups(Map<String, Integer> numbers) {
        TreeMap<MetricKey, Long> values = new TreeMap<>();
        if (numbers.isEmpty()) {
            return values;
        }
        long all = 0;
        for (Map.Entry<String, Integer> cgroup : numbers.entrySet()) {
            long pages = charged.getOrDefault(cgroup.getValue(), 0L);
            all += pages;
            values.put(MetricKey.of(Metric.CGROUP_MEMORY, cgroup.getKey()), pages);
            values.put(MetricKey.of(Metric.DEFERRED_LENGTH, cgroup.getKey()), deferred.getOrDefault(cgroup.getValue(), 0L));
        }
        values.put(MetricKey.of(Metric.CGROUP_MEMORY), all);
        return values;
    }

    RunSet folios() {
        return set(folios);
    }

    RunSet mlocked() {
        return set(mlocked);
    }

    private static RunSet set(List<FrameRuns> ofNodes) {
        RunSet set = new RunSet();
        for (FrameRuns runs : ofNodes) {
            for (int i = 0; i < runs.size(); i++) {
                set.add(runs.start(i), runs.count(i));
            }
        }
        return set;
    }

    private void tally(NumaNode node, FolioAccounting accounting) {
        FolioTally tally = node.tally();
        for (int order = 0; order <= PageOrder.PMD; order++) {
            add(Metric.FOLIOS_ALLOCATED, tally.allocated(order));
            part(Metric.FOLIOS_ALLOCATED, Integer.toString(order), tally.allocated(order));
            add(Metric.FOLIOS_FREED, tally.freedOf(order));
            part(Metric.FOLIOS_FREED, Integer.toString(order), tally.freedOf(order));
        }
        for (SplitFailure why : SplitFailure.values()) {
            part(Metric.SPLIT_FAIL, why.label(), tally.splitsFailed(why));
        }
        referencesPeak = Math.max(referencesPeak, tally.referencesPeak());
        add(Metric.DEFERRED_QUEUED, node.deferredQueue().ever());
        add(Metric.DEFERRED_PEAK, node.deferredQueue().peak());
        for (SharedUser user : SharedUser.values()) {
            add(Metric.SHARED_FALSE_POS, tally.takenForShared(user));
            part(Metric.SHARED_FALSE_POS, user.word(), tally.takenForShared(user));
            add(Metric.SHARED_FALSE_NEG, tally.takenForExclusive(user));
            part(Metric.SHARED_FALSE_NEG, user.word(), tally.takenForExclusive(user));
        }
        long pageWrites = accounting.keepsPageCounts() ? tally.pageMapcountWrites() : 0;
        add(Metric.RMAP_COST, tally.rmapCalls() + pageWrites);
        part(Metric.RMAP_COST, "page_writes", pageWrites);
    }

    private void add(Metric metric, long value) {
        sums.merge(MetricKey.of(metric), value, Long::sum);
    }

    /** A part of a metric, if there is any of it. */
    private void part(Metric metric, String label, long value) {
        if (value != 0) {
            sums.merge(MetricKey.of(metric, label), value, Long::sum);
        }
    }

    /** The folios of one node, run by run. */
    private static final class Census {
        private final FrameRuns.Builder all = new FrameRuns.Builder();
        private final FrameRuns.Builder locked = new FrameRuns.Builder();
        private final long[] live = new long[PageOrder.PMD + 1];
        private long resident;
        private long orders;
        private long partiallyMapped;
        private long deferred;
        private final TreeMap<Integer, Long> charged = new TreeMap<>();
        private final TreeMap<Integer, Long> deferredOfCgroups = new TreeMap<>();
        private long lockedPages;
        private long pinned;
        private long retained;

        /** A run of folios that are alike. */
        void add(long start, long pages, Folio folio) {
            long many = pages >> folio.order();
            live[folio.order()] += many;
            resident += pages;
            orders += pages * folio.order();
            partiallyMapped += folio.has(Folio.PARTIALLY_MAPPED) ? many : 0;
            deferred += folio.has(Folio.DEFERRED) ? many : 0;
            if (folio.cgroup() != Memcg.ROOT) {
                charged.merge(folio.cgroup(), pages, Long::sum);
                deferredOfCgroups.merge(folio.cgroup(), folio.has(Folio.DEFERRED) ? many : 0, Long::sum);
            }
            pinned += folio.pins() > 0 ? many : 0;
            boolean held = folio.entire() > 0 || folio.has(Folio.CACHED) || folio.has(Folio.SWAPCACHE);
            retained += held ? 0 : many * (folio.pages() - folio.counts().mapped());
            all.add(start, pages);
            if (folio.has(Folio.MLOCKED)) {
                lockedPages += pages;
                locked.add(start, pages);
            }
        }

        void addTo(NodeTotals totals) {
            for (int order = 0; order < live.length; order++) {
                totals.add(Metric.FOLIOS_LIVE, live[order]);
                totals.part(Metric.FOLIOS_LIVE, Integer.toString(order), live[order]);
            }
            totals.add(Metric.RESIDENT, resident);
            totals.orders += orders;
            totals.add(Metric.FOLIOS_PARTIALLY_MAPPED, partiallyMapped);
            totals.add(Metric.DEFERRED_LENGTH, deferred);
            totals.add(Metric.MLOCKED, lockedPages);
            totals.add(Metric.PINNED_FOLIOS, pinned);
            totals.add(Metric.RETAINED_UNMAPPED, retained);
            charged.forEach((cgroup, pages) -> totals.charged.merge(cgroup, pages, Long::sum));
            deferredOfCgroups.forEach((cgroup, many) -> totals.deferred.merge(cgroup, many, Long::sum));
            totals.folios.add(all.build());
            totals.mlocked.add(locked.build());
        }
    }
}
