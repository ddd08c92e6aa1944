package org.foliofleet.node.trace;

import java.util.List;
import java.util.function.Supplier;

/** The way in: replays a trace file on a fresh target and reports. */
public final class TraceRun {
    private TraceRun() {}

    /**
     * Replays a trace.
     *
     * @param targets makes a fresh model
     * @throws org.foliofleet.protocol.BadInput if the trace or what lies beside it cannot be used
     */
    public static TraceResult run(TraceOptions options, Supplier<TraceTarget> targets, TraceOutput output) {
        List<SmapsSamples.Sample> samples = SmapsSamples.read(options.trace());
        ThpGuess thp = options.thp().equals("auto")
                ? ThpGuess.of(options.trace(), samples) : new ThpGuess(options.thp(), "as asked for");
        TraceTarget target = targets.get();
        target.setThp(thp.mode());
        NotReplayed notReplayed = new NotReplayed();
        TraceReplay replay = new TraceReplay(target, options.seed(), notReplayed);
        SampleComparer comparer = new SampleComparer(samples);
        TraceEvent[] last = new TraceEvent[1]; // replayed when the next is known, for the samples between the two
        TraceInput.read(options.trace(), event -> {
            if (last[0] != null) {
                comparer.replay(last[0], event.stamp().nanos(), replay);
            }
            last[0] = event;
        }, notReplayed, output::progress);
        if (last[0] != null) {
            comparer.replay(last[0], Long.MAX_VALUE, replay);
        }
        TraceResult result = new TraceResult(target.digest(), thp.mode(), thp.reason(), replay.results(),
                comparer.results(),
                comparer.lost(), notReplayed.counts(), replay.otherCalls(), replay.assumedAreas());
        TraceReport.print(result, output);
        if (options.json() != null) {
            TraceJson.write(result, options.json());
        }
        return result;
    }
}
