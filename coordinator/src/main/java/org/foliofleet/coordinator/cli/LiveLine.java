package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;

/**
 * How far something is: on a terminal one line that is written over, elsewhere a line now and then. What is over in a few
 * seconds shows nothing.
 */
final class LiveLine {
    private static final long QUIET_NANOS = 2_000_000_000L;
    private static final long TERMINAL_NANOS = 500_000_000L;
    private static final long LOG_NANOS = 30_000_000_000L;

    private final PrintWriter err;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private long shown = began;
    private boolean any;

    /** @param terminal whether lines can be written over */
    LiveLine(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** Whether it is time for a line. */
    boolean isDue() {
        long now = System.nanoTime();
        return now - began >= QUIET_NANOS && (!any || now - shown >= (terminal ? TERMINAL_NANOS : LOG_NANOS));
    }

    /** Seconds since it began, at least 1. */
    long seconds() {
        return Math.max(1, (System.nanoTime() - began) / 1_000_000_000L);
    }

    void show(String line) {
        shown = System.nanoTime();
        any = true;
        err.print(terminal ? "\r\033[K" + line : line + "\n");
        err.flush();
    }

    /** A line that stays, above. */
    void note(String line) {
        err.print((terminal && any ? "\r\033[K" : "") + line + "\n");
        err.flush();
    }

    /** Takes the line away, where that can be done. */
    void clear() {
        if (any && terminal) {
            err.print("\r\033[K");
            err.flush();
        }
    }
}
