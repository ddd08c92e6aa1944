package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.program.CallResult;

/**
 * How an operation ended, in the terms of a recording.
 *
 * @param result {@code ok}, an errno name, {@code SIGSEGV@PAGE} or {@code SIGBUS@PAGE} with a page index
 * @param left   pages that {@code migrate-pages} or {@code move-pages} left; -1 for all else
 * @param status what {@code move-pages} wrote, ascending by page index
 */
record Outcome(String result, long left, List<Status> status) {

    /** A run of pages with one status: a node, or an error name. */
    record Status(long at, long count, int node, String error) {
        String describe() {
            return error == null ? "node " + node : error;
        }
    }

    /** What the model answered, in recorded terms. */
    static Outcome of(CallResult answer) {
        if (answer instanceof CallResult.Signal signal) {
            return new Outcome((signal.bus() ? "SIGBUS@" : "SIGSEGV@") + Arena.toIndex(signal.page()), -1, List.of());
        }
        if (answer instanceof CallResult.Moved moved) {
            List<Status> status = new ArrayList<>();
            for (CallResult.PageStatus run : moved.status()) {
                append(status, new Status(Arena.toIndex(run.at()), run.count(), run.error() == null ? run.node() : -1,
                        run.error()));
            }
            return new Outcome("ok", moved.left(), List.copyOf(status));
        }
        return new Outcome(answer.toString(), -1, List.of());
    }

    private static void append(List<Status> runs, Status run) {
        if (!runs.isEmpty()) {
            Status last = runs.get(runs.size() - 1);
            if (last.at + last.count == run.at && last.describe().equals(run.describe())) {
                runs.set(runs.size() - 1, new Status(last.at, last.count + run.count, last.node, last.error));
                return;
            }
        }
        runs.add(run);
    }
}
