package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import org.foliofleet.coordinator.embedded.EmbeddedRun;

/**
 * How far an experiment is: on a terminal one line that is written over, elsewhere a line now and then. Runs that are over
 * in a few seconds show nothing.
 */
final class ProgressLine implements EmbeddedRun.Progress {
    private static final long QUIET_NANOS = 2_000_000_000L;
    private static final long TERMINAL_NANOS = 500_000_000L;
    private static final long LOG_NANOS = 30_000_000_000L;

    private final PrintWriter err;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private long shown = began;
    private long machines;
    private long of;
    private boolean any;

    ProgressLine(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    @Override
    public void machinesDone(long done, long all) {
        machines = done;
        of = all;
        if (done == all && any && terminal) {
            err.print("\r\033[K");
            err.flush();
        }
    }

    @Override
    public void machineAt(String machineClass, int ordinal, long nanos) {
        long now = System.nanoTime();
        if (now - began < QUIET_NANOS || now - shown < (terminal ? TERMINAL_NANOS : LOG_NANOS)) {
            return;
        }
        shown = now;
        any = true;
        long seconds = Math.max(1, (now - began) / 1_000_000_000L);
        String line = (of > 1 ? machines + " of " + of + " machines done, " : "") + machineClass + " " + ordinal + " at "
                + Quantities.time(nanos) + " of simulated time, after " + seconds + " s (" + Quantities.time(nanos / seconds) + " a second)";
        err.print(terminal ? "\r\033[K" + line : line + "\n");
        err.flush();
    }
}
