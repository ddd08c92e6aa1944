package org.foliofleet.node.trace;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

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
        TraceResult result = new TraceResult(digest(target, options.seed()), thp.mode(), thp.reason(), replay.results(),
                comparer.results(),
                comparer.lost(), notReplayed.counts(), replay.otherCalls(), replay.assumedAreas());
        TraceReport.print(result, output);
        if (options.json() != null) {
            TraceJson.write(result, options.json());
        }
        return result;
    }

    /** The model's state and the seed that chose what was read again. */
    private static String digest(TraceTarget target, long seed) {
        CRC32C sum = new CRC32C();
        sum.update((target.digest() + " " + seed).getBytes(StandardCharsets.US_ASCII));
        return target.digest() + String.format(Locale.ROOT, "%08x", sum.getValue());
    }
}
