package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Compares the recorded sizes of processes with the model's while the trace is replayed.
 *
 * <p>A reading takes time, in which the process may go on, and a fault is recorded before its page is mapped. So the
 * model is asked at the start of a reading, after every event during it and at its end, and if the last event was a
 * fault of the process, also before that fault; the answer nearest to the recorded Rss counts.
 */
final class SampleComparer {
    private record Moment(long nanos, int sample, boolean end) {}

    private final List<SmapsSamples.Sample> samples;
    private final List<Moment> moments = new ArrayList<>();
    private final TraceTarget.Memory[] nearest;
    private final TreeSet<Integer> open = new TreeSet<>();
    private int next;

    SampleComparer(List<SmapsSamples.Sample> samples) {
        this.samples = samples;
        this.nearest = new TraceTarget.Memory[samples.size()];
        for (int i = 0; i < samples.size(); i++) {
            moments.add(new Moment(samples.get(i).startNanos(), i, false));
            moments.add(new Moment(samples.get(i).endNanos(), i, true));
        }
        moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(Moment::end)
                .thenComparingInt(Moment::sample));
    }

    /**
     * Replays an event and compares the samples up to the next one.
     *
     * @param until time of the next event in nanoseconds
     */
    void replay(TraceEvent event, long until, TraceReplay replay) {
        int pid = event.stamp().pid();
        reach(event.stamp().nanos(), replay, pid, null); // only samples from before the first event are left here
        boolean due = next < moments.size() && moments.get(next).nanos < until;
        TraceTarget.Memory before = due && event instanceof TraceEvent.Fault ? replay.memory(pid) : null;
        replay.accept(event);
        for (int sample : open) {
            consider(sample, replay.memory(samples.get(sample).pid()));
        }
        reach(until, replay, pid, before);
    }

    /** @param before memory of {@code pid} before the last event, or null */
    private void reach(long nanos, TraceReplay replay, int pid, TraceTarget.Memory before) {
        for (; next < moments.size() && moments.get(next).nanos < nanos; next++) {
            Moment moment = moments.get(next);
            int of = samples.get(moment.sample).pid();
            consider(moment.sample, replay.memory(of));
            if (of == pid) {
                consider(moment.sample, before);
            }
            if (moment.end) {
                open.remove(moment.sample);
            } else {
                open.add(moment.sample);
            }
        }
    }

    private void consider(int sample, TraceTarget.Memory memory) {
        long rssKb = samples.get(sample).rssKb();
        TraceTarget.Memory best = nearest[sample];
        if (memory != null && (best == null || Math.abs(memory.rssKb() - rssKb) < Math.abs(best.rssKb() - rssKb))) {
            nearest[sample] = memory;
        }
    }

    List<TraceResult.SampleResult> results() {
        List<TraceResult.SampleResult> found = new ArrayList<>();
        for (int i = 0; i < nearest.length; i++) {
            if (nearest[i] != null) {
                SmapsSamples.Sample s = samples.get(i);
                found.add(new TraceResult.SampleResult(s.startNanos() / 1e9, s.pid(), s.comm(), s.rssKb(),
                        nearest[i].rssKb(), s.anonHugeKb(), nearest[i].anonHugeKb(), s.anonKb(), nearest[i].anonKb()));
            }
        }
        return found;
    }

    /** Samples of processes that the trace did not have then. */
    long lost() {
        return samples.size() - results().size();
    }
}
