package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.foliofleet.node.trace.TraceOptions;
import org.foliofleet.node.trace.TraceOutput;
import org.foliofleet.node.trace.TraceRun;
import org.foliofleet.node.trace.TraceTarget;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Option;

/**
 * The part of {@code foliofleet run} that replays traces: its options, its progress bar. To be mixed into the
 * command.
 */
final class TraceRunner {
    private static final List<String> THP_MODES = List.of("auto", "always", "madvise", "never");

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = {
                "Replay a trace of real programs: what perf script printed, plain or gzipped,",
                "or a log of strace -f -ttt.",
                "Sizes in NAME.smaps.txt beside NAME.perf.txt are compared with the model's."
            })
    private Path trace;

    @Option(
            names = "--thp",
            paramLabel = "MODE",
            defaultValue = "auto",
            description = {
                "Transparent huge pages of the machine that made the trace: always, madvise or never.",
                "auto (the default) finds out: from huge pages recorded for programs that did not ask for them or,",
                "without recorded sizes, from large blocks that took one fault each."
            })
    private String thp;

    /** Whether a trace was asked for. */
    boolean wanted() {
        return trace != null;
    }

    /**
     * Replays the trace and prints what came of it.
     *
     * @param json    where to write the result for programs, or null
     * @param targets makes a fresh model
     * @param out     for the report
     * @param err     for the progress
     * @return exit status
     */
    int run(long seed, Path json, Supplier<TraceTarget> targets, PrintWriter out, PrintWriter err) {
        if (!THP_MODES.contains(thp)) {
            throw new BadInput("--thp " + thp + ": no such mode; give one of " + String.join(", ", THP_MODES));
        }
        Printer printer = new Printer(out, err, System.console() != null);
        TraceRun.run(new TraceOptions(trace, thp, seed, json), targets, printer);
        out.flush();
        return ExitStatus.OK;
    }

    /** A bar that redraws itself on a terminal, a line every quarter elsewhere; the report as it comes. */
    private static final class Printer implements TraceOutput {
        private static final int WIDTH = 40;

        private final PrintWriter out;
        private final PrintWriter err;
        private final boolean terminal;
        private int shown = -1;

        Printer(PrintWriter out, PrintWriter err, boolean terminal) {
            this.out = out;
            this.err = err;
            this.terminal = terminal;
        }

        @Override
        public void progress(double done) {
            int percent = (int) (100 * done);
            int step = terminal ? percent : percent / 25 * 25;
            if (step <= shown) {
                return;
            }
            shown = step;
            if (terminal) {
                int full = WIDTH * step / 100;
                err.print(String.format(Locale.ROOT, "\r[%s%s] %3d %%", "#".repeat(full), " ".repeat(WIDTH - full),
                        step));
                err.print(step == 100 ? "\n" : "");
            } else {
                err.println("read " + step + " %");
            }
            err.flush();
        }

        @Override
        public void line(String text) {
            out.println(text);
        }
    }
}
