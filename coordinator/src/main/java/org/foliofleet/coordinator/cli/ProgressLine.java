package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import org.foliofleet.coordinator.embedded.EmbeddedRun;
import org.foliofleet.coordinator.report.Quantities;

/** How far an experiment is that runs on threads of this JVM. */
final class ProgressLine implements EmbeddedRun.Progress {
    private final LiveLine line;
    private long machines;
    private long of;

    ProgressLine(PrintWriter err, boolean terminal) {
        line = new LiveLine(err, terminal);
    }

    @Override
    public void machinesDone(long done, long all) {
        machines = done;
        of = all;
        if (done == all) {
            line.clear();
        }
    }

    @Override
    public void machineAt(String machineClass, int ordinal, long nanos) {
        if (line.isDue()) {
            line.show((of > 1 ? machines + " of " + of + " machines done, " : "") + machineClass + " " + ordinal + " at "
                    + Quantities.time(nanos) + " of simulated time, after " + line.seconds() + " s ("
                    + Quantities.time(nanos / line.seconds()) + " a second)");
        }
    }
}
