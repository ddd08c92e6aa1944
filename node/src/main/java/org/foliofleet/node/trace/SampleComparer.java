package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Compares the recorded sizes of processes with the model's while the trace is replayed.
 *
 * <p>A reading takes time, in which the process may go on. The model is asked at its start and at its end, and the
 * answer nearer to the recorded Rss counts.
 */
final class SampleComparer {
    private record Moment(long nanos, int sample, boolean end) {}

    private final List<SmapsSamples.Sample> samples;
    private final List<Moment> moments = new ArrayList<>();
    private final TraceTarget.Memory[] atStart;
    private final TraceResult.SampleResult[] results;
    private int next;

    SampleComparer(List<SmapsSamples.Sample> samples) {
        this.samples = samples;
        this.atStart = new TraceTarget.Memory[samples.size()];
        this.results = new TraceResult.SampleResult[samples.size()];
        for (int i = 0; i < samples.size(); i++) {
            moments.add(new Moment(samples.get(i).startNanos(), i, false));
            moments.add(new Moment(samples.get(i).endNanos(), i, true));
        }
        moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(Moment::end)
                .thenComparingInt(Moment::sample));
    }

    /** All events before {@code nanos} were replayed. */
    void reach(long nanos, IntFunction<TraceTarget.Memory> memory) {
        while (next < moments.size() && moments.get(next).nanos < nanos) {
            Moment moment = moments.get(next++);
            SmapsSamples.Sample sample = samples.get(moment.sample);
            TraceTarget.Memory now = memory.apply(sample.pid());
            if (!moment.end) {
                atStart[moment.sample] = now;
            } else {
                TraceTarget.Memory before = atStart[moment.sample];
                TraceTarget.Memory nearest = nearest(before, now, sample.rssKb());
                if (nearest != null) {
                    results[moment.sample] = new TraceResult.SampleResult(sample.startNanos() / 1e9, sample.pid(),
                            sample.comm(), sample.rssKb(), nearest.rssKb(), sample.anonHugeKb(), nearest.anonHugeKb(),
                            sample.anonKb(), nearest.anonKb());
                }
            }
        }
    }

    private static TraceTarget.Memory nearest(TraceTarget.Memory before, TraceTarget.Memory now, long rssKb) {
        if (before == null || now == null) {
            return before == null ? now : before;
        }
        return Math.abs(before.rssKb() - rssKb) <= Math.abs(now.rssKb() - rssKb) ? before : now;
    }

    List<TraceResult.SampleResult> results() {
        List<TraceResult.SampleResult> found = new ArrayList<>();
        for (TraceResult.SampleResult result : results) {
            if (result != null) {
                found.add(result);
            }
        }
        return found;
    }

    /** Samples of processes that the trace did not have then. */
    long lost() {
        return samples.size() - results().size();
    }
}
