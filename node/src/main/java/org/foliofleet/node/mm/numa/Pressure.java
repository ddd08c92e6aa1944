package org.foliofleet.node.mm.numa;

import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.Watermark;

/** What a node knows of memory being short: {@code struct pglist_data}'s part of kswapd, and {@code struct lruvec}'s costs. */
final class Pressure {
    /** MAX_RECLAIM_RETRIES: after so many runs without success kswapd gives up. */
    static final int MAX_FAILURES = 16;

    boolean kswapdRuns;
    int kswapdFailures;
    /** {@code lruvec->anon_cost} and {@code file_cost}. */
    long anonCost;
    long fileCost;
    /** What the deferred-split shrinker was asked for and has not done, by cgroup: {@code nr_deferred}. */
    final TreeMap<Integer, Long> deferredScans = new TreeMap<>();

    private transient Watermarks marks;
    private transient KernelSettings marksOf;

    Watermarks marks(NumaNode node, Turn turn) {
        KernelSettings settings = turn.context().settings();
        if (marksOf != settings) {
            marks = Watermarks.of(node, turn.context());
            marksOf = settings;
        }
        return marks;
    }

    /** How many folios of an order may be allocated: {@code __zone_watermark_ok()}; there may be fewer free blocks of it. */
    static long grant(NumaNode node, int order, long count, Watermark mark, Turn turn) {
        long spare = node.frames.freePages() - node.pressure.marks(node, turn).of(mark);
        return spare <= 0 ? 0 : Math.min(count, spare >> order);
    }

    /** Something of what a node knows about pressure changed. */
    private record Changed(boolean kswapdRuns, int kswapdFailures, long anonCost, long fileCost) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            Pressure pressure = node.pressure;
            pressure.kswapdRuns = kswapdRuns;
            pressure.kswapdFailures = kswapdFailures;
            pressure.anonCost = anonCost;
            pressure.fileCost = fileCost;
        }
    }

    private record ScansDeferred(int cgroup, long scans) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            if (scans == 0) {
                node.pressure.deferredScans.remove(cgroup);
            } else {
                node.pressure.deferredScans.put(cgroup, scans);
            }
        }
    }

    /** Memory is short on this node for the first time. */
    private record ListsKept() implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.folios.keepLists();
        }
    }

    /** Within a step. */
    static LruLists lists(NumaNode node, Turn turn) {
        if (node.folios.lists() == null) {
            turn.emit(new ListsKept());
        }
        return node.folios.lists();
    }

    /** Within a step. */
    static void kswapd(NumaNode node, boolean runs, int failures, Turn turn) {
        Pressure p = node.pressure;
        turn.emit(new Changed(runs, failures, p.anonCost, p.fileCost));
    }

    /** Within a step. */
    static void deferScans(NumaNode node, int cgroup, long scans, Turn turn) {
        if (scans != node.pressure.deferredScans.getOrDefault(cgroup, 0L)) {
            turn.emit(new ScansDeferred(cgroup, scans));
        }
    }

    /** {@code lru_note_cost()}: pages that were written and pages that were looked at in vain. Within a step. */
    static void noteCost(NumaNode node, boolean file, long written, long rotated, Turn turn) {
        long cost = written * 32 + rotated;
        if (cost == 0) {
            return;
        }
        Pressure p = node.pressure;
        long anonCost = p.anonCost + (file ? 0 : cost);
        long fileCost = p.fileCost + (file ? cost : 0);
        LruLists lists = lists(node, turn);
        long pages = 0;
        for (LruList list : LruList.values()) {
            pages += lists.pages(list);
        }
        if (anonCost + fileCost > pages / 4) {
            anonCost /= 2;
            fileCost /= 2;
        }
        turn.emit(new Changed(p.kswapdRuns, p.kswapdFailures, anonCost, fileCost));
    }
}
