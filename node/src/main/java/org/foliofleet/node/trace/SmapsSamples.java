package org.foliofleet.node.trace;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes that {@code smaps_rollup} gave while a trace was recorded: {@code NAME.smaps.txt} beside
 * {@code NAME.perf.txt.gz}.
 */
final class SmapsSamples {
    private static final String REMEDY = "each line is: start end pid comm Name=kB …; mend it or remove the file";

    /** One reading; times in nanoseconds, sizes in KiB. */
    record Sample(long startNanos, long endNanos, int pid, String comm, long rssKb, long anonKb, long anonHugeKb) {}

    private SmapsSamples() {}

    /** Where the sizes that belong to a trace would lie. */
    static Path beside(Path trace) {
        String name = trace.getFileName().toString();
        for (String end : List.of(".gz", ".txt", ".perf")) {
            if (name.endsWith(end)) {
                name = name.substring(0, name.length() - end.length());
            }
        }
        return trace.resolveSibling(name + ".smaps.txt");
    }

    /** The readings beside a trace, in order of time; none if there is no such file. */
    static List<Sample> read(Path trace) {
        Path file = beside(trace);
        List<Sample> samples = new ArrayList<>();
        if (file.equals(trace) || !Files.exists(file)) {
            return samples;
        }
        try (TraceLines lines = new TraceLines(file)) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                if (!line.isBlank()) {
                    Sample sample = parse(line, lines);
                    if (sample != null) {
                        samples.add(sample);
                    }
                }
            }
        }
        samples.sort(Comparator.comparingLong(Sample::startNanos).thenComparingInt(Sample::pid));
        return samples;
    }

    private static Sample parse(String line, TraceLines lines) {
        String[] words = line.strip().split(" +");
        if (words.length < 4) {
            throw lines.wrong("too few words for a sample", REMEDY);
        }
        long start = Numbers.nanos(words[0]);
        long end = Numbers.nanos(words[1]);
        int pid = Numbers.smallInt(words[2]);
        if (start < 0 || end < start || pid < 0) {
            throw lines.wrong("impossible times or pid in a sample", REMEDY);
        }
        Map<String, Long> sizes = new HashMap<>();
        for (int i = 4; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            try {
                sizes.put(words[i].substring(0, Math.max(0, equals)), Long.parseLong(words[i].substring(equals + 1)));
            } catch (NumberFormatException e) {
                throw lines.wrong("cannot read the size \"" + words[i] + "\"", REMEDY);
            }
        }
        Long rss = sizes.get("Rss");
        if (rss == null) {
            return null; // the process had no memory any more
        }
        return new Sample(start, end, pid, words[3], rss, sizes.getOrDefault("Anonymous", -1L),
                sizes.getOrDefault("AnonHugePages", 0L));
    }
}
