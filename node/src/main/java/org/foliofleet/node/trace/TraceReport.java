package org.foliofleet.node.trace;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The result in words and a table. */
final class TraceReport {
    private static final double WANTED = 0.99;
    private static final int EXAMPLES = 5;
    /** Processes with fewer copies than that are not told of: every shell that forks has some. */
    private static final int FEW = 100;

    private TraceReport() {}

    static void print(TraceResult result, TraceOutput out) {
        out.line(String.format(Locale.ROOT, "%7s  %-16s %8s %9s %10s %9s %6s %9s %7s %9s",
                "pid", "comm", "calls", "faults", "agreement", "harmless", "VMAs", "Rss kB", "THP", "peak kB"));
        for (TraceResult.ProcessResult p : result.processes()) {
            long faults = p.recordedFaults();
            out.line(String.format(Locale.ROOT, "%7d  %-16s %8d %9d %10s %9s %6d %9d %7s %9d", p.pid(), p.comm(),
                    p.syscallsReplayed(), faults, percent(p.agreement(), faults), percent(p.harmless(), faults),
                    p.vmas(), p.rssKb(), percent(p.thpCoverage(), p.anonKb()), p.peakRssKb()));
        }
        long faults = result.recordedFaults();
        out.line(String.format(Locale.ROOT, "%7s  %-16s %8d %9d %10s %9s", "all", "", result.syscallsReplayed(), faults,
                percent((double) result.agreedFaults() / Math.max(1, faults), faults),
                percent((double) result.harmlessFaults() / Math.max(1, faults), faults)));
        out.line("");
        long overlapping = result.processes().stream().mapToLong(TraceResult.ProcessResult::overlapping).sum();
        if (overlapping > 0) {
            out.line("Agreed faults taken while another one was about to map the page: " + overlapping);
        }
        explain(result, out);
        copyOnWrite(result, out);
        samples(result, out);
        if (result.assumedAreas() > 0) {
            out.line("In use without a recorded mapping, taken for anonymous memory: " + result.assumedAreas()
                    + " areas");
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
                String kinds = p.disagreements().entrySet().stream().map(e -> e.getKey() + " " + e.getValue())
                        .collect(Collectors.joining("; "));
                out.line(p.pid() + " " + p.comm() + ": recorded faults on pages the model had mapped already: "
                        + kinds);
            }
        }
    }

    private static void copyOnWrite(TraceResult result, TraceOutput out) {
        for (TraceResult.ProcessResult p : result.processes()) {
            CopyOnWrite cow = p.copyOnWrite();
            if (cow.recorded() >= FEW) {
                out.line(p.pid() + " " + p.comm() + ": while a fork shared its memory, the trace has " + cow.recorded()
                        + " write faults on present pages; the model copied " + cow.copied() + " and reused " + cow.reused()
                        + (cow.otherwise() == 0 ? "" : ", " + cow.otherwise() + " otherwise"));
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
        out.line(String.format(Locale.ROOT,
                "Samples: %d; Rss within 5 %% or 512 kB in %s, AnonHugePages within 2 MiB in %s",
                samples.size(), percent((double) rss / samples.size(), 1), percent((double) huge / samples.size(), 1)));
        if (result.lostSamples() > 0) {
            out.line("Samples of processes that the trace did not have then: " + result.lostSamples());
        }
        samples.stream().filter(s -> !s.rssAgrees() || !s.anonHugeAgrees()).limit(EXAMPLES).forEach(s -> out.line(
                String.format(Locale.ROOT,
                "  at %.6f %d %s: Rss %d kB, model %d; Anonymous %d, model %d; AnonHugePages %d, model %d",
                s.time(), s.pid(), s.comm(), s.rssKb(), s.modelRssKb(), s.anonKb(), s.modelAnonKb(), s.anonHugeKb(),
                s.modelAnonHugeKb())));
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
