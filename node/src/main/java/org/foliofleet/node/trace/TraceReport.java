package org.foliofleet.node.trace;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The result in words and a table. */
final class TraceReport {
    private static final double WANTED = 0.99;

    private TraceReport() {}

    static void print(TraceResult result, TraceOutput out) {
        out.line(String.format(Locale.ROOT, "%7s  %-16s %8s %9s %10s %9s %6s %9s %6s %9s",
                "pid", "comm", "calls", "faults", "agreement", "harmless", "VMAs", "Rss kB", "THP", "peak kB"));
        for (TraceResult.ProcessResult p : result.processes()) {
            out.line(String.format(Locale.ROOT, "%7d  %-16s %8d %9d %10s %9s %6d %9d %6s %9d", p.pid(), p.comm(),
                    p.syscallsReplayed(), p.recordedFaults(), percent(p.agreement(), p.recordedFaults()),
                    percent(p.harmless(), p.recordedFaults()), p.vmas(), p.rssKb(), percent(p.thpCoverage(), p.anonKb()), p.peakRssKb()));
        }
        long faults = result.recordedFaults();
        double agreement = faults == 0 ? 1 : (double) result.agreedFaults() / faults;
        out.line(String.format(Locale.ROOT, "%7s  %-16s %8d %9d %10s %9s", "all", "", result.syscallsReplayed(), faults,
                percent(agreement, faults), percent(faults == 0 ? 0 : (double) result.harmlessFaults() / faults, faults)));
        out.line("");
        explain(result, out);
        samples(result, out);
        if (result.assumedAreas() > 0) {
            out.line("In use without a recorded mapping, taken for anonymous memory: " + result.assumedAreas() + " areas");
        }
        counts("Not replayed", result.notReplayed(), out);
        counts("Calls without effect on memory", result.otherCalls(), out);
        out.line("THP " + result.thp() + ": " + result.thpReason());
        out.line("Digest " + result.digest());
    }

    /** One line for each process whose agreement is low: what the pages were that the model had mapped already. */
    private static void explain(TraceResult result, TraceOutput out) {
        for (TraceResult.ProcessResult p : result.processes()) {
            if (p.agreement() < WANTED) {
                out.line(p.pid() + " " + p.comm() + ": the model had mapped already what the kernel had not: " + p.disagreements().entrySet()
                        .stream().map(e -> e.getKey() + " " + e.getValue()).collect(Collectors.joining("; ")));
            }
        }
    }

    private static void samples(TraceResult result, TraceOutput out) {
        List<TraceResult.SampleResult> samples = result.samples();
        if (samples.isEmpty()) {
            return;
        }
        long rss = samples.stream().filter(TraceResult.SampleResult::rssAgrees).count();
        long huge = samples.stream().filter(TraceResult.SampleResult::anonHugeAgrees).count();
        out.line(String.format(Locale.ROOT, "Samples: %d; Rss within 5 %% or 512 kB in %s, AnonHugePages within 2 MiB in %s%s", samples.size(),
                percent((double) rss / samples.size(), 1), percent((double) huge / samples.size(), 1),
                result.lostSamples() == 0 ? "" : "; " + result.lostSamples() + " of processes that the trace does not have then"));
        samples.stream().filter(s -> !s.rssAgrees() || !s.anonHugeAgrees()).limit(5).forEach(s -> out.line(String.format(Locale.ROOT,
                "  at %.6f %d %s: recorded Rss %d kB, model %d; AnonHugePages %d kB, model %d; Anonymous %d kB, model %d", s.time(), s.pid(),
                s.comm(), s.rssKb(), s.modelRssKb(), s.anonHugeKb(), s.modelAnonHugeKb(), s.anonKb(), s.modelAnonKb())));
    }

    private static void counts(String title, Map<String, Long> counts, TraceOutput out) {
        if (!counts.isEmpty()) {
            out.line(title + ":");
            counts.forEach((name, count) -> out.line(String.format(Locale.ROOT, "%9d  %s", count, name)));
        }
    }

    private static String percent(double share, long of) {
        // Rounded down, so that 100 % means all.
        return of == 0 ? "-" : String.format(Locale.ROOT, "%.2f%%", Math.floor(share * 10_000) / 100);
    }
}
