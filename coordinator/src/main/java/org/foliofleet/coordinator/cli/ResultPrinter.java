package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.report.ResultDocument;

/** The last words of commands that run an experiment or wait for one. */
final class ResultPrinter {
    private ResultPrinter() {}

    /**
     * @param json a file for the result, or null
     * @return exit status
     */
    static int print(ResultDocument result, Path json, PrintWriter out) throws IOException {
        out.print(result.text());
        out.flush();
        if (json != null) {
            Files.write(json, result.json().getBytes(StandardCharsets.UTF_8));
        }
        return result.passed() ? ExitStatus.OK : ExitStatus.DIFFERENT;
    }

    /** The result, or why there is none. */
    static int print(EmbeddedSession.Outcome outcome, Path json, PrintWriter out, PrintWriter err) throws IOException {
        if (outcome.result() != null) {
            return print(outcome.result(), json, out);
        }
        explain(outcome.status(), err);
        return outcome.exitStatus();
    }

    /** Why an experiment that is over has no result. */
    static void explain(ExperimentStatus status, PrintWriter err) {
        if (status.phase() == ExperimentPhase.FAILED || status.phase() == ExperimentPhase.CANCELLED) {
            err.println("experiment " + status.id() + (status.phase() == ExperimentPhase.FAILED ? " has failed" : " was cancelled")
                    + (status.reason().isEmpty() ? "" : ": " + status.reason()));
            err.flush();
        }
    }
}
