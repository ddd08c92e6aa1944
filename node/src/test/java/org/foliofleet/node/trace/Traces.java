package org.foliofleet.node.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The recordings that tests read, and shorthands for reading them. */
final class Traces {
    static final List<String> PERF = List.of("gcc.perf.txt.gz", "java-gc.perf.txt.gz", "redis-bgsave.perf.txt.gz",
            "redis-bgsave-thp-always.perf.txt.gz");
    static final List<String> STRACE = List.of("gcc.strace", "redis-attach.strace");

    private Traces() {}

    static Path file(String name) {
        try {
            return Path.of(Traces.class.getResource("/traces/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The lines as they are, read without the importer. */
    static List<String> lines(String name) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(name.endsWith(".gz")
                ? new GZIPInputStream(Files.newInputStream(file(name))) : Files.newInputStream(file(name)),
                StandardCharsets.UTF_8))) {
            return in.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<TraceEvent> events(Path file) {
        List<TraceEvent> events = new ArrayList<>();
        TraceInput.read(file, events::add, new NotReplayed(), done -> { });
        return events;
    }

    static TraceResult run(Path file) {
        return run(file, "auto", null);
    }

    static TraceResult run(Path file, String thp, Path json) {
        return TraceRun.run(new TraceOptions(file, thp, 1, json), PageSetTarget::new, new Silent());
    }

    static final class Silent implements TraceOutput {
        @Override
        public void progress(double done) {}

        @Override
        public void line(String text) {}
    }
}
