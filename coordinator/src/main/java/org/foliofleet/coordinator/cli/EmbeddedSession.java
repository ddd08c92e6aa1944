package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.ExperimentSummary;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.ResultDocument;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** One experiment in this JVM, from wherever it is to its end; Ctrl-C brings it to rest at a committed epoch. */
final class EmbeddedSession {
    private final Path data;
    private final PrintWriter err;
    private final boolean terminal;
    private final boolean reports;

    EmbeddedSession(Path data, PrintWriter err, boolean terminal) {
        this(data, err, terminal, false);
    }

    /** @param reports whether a report is wanted of what is completed */
    EmbeddedSession(Path data, PrintWriter err, boolean terminal, boolean reports) {
        this.reports = reports;
        this.data = data;
        this.err = err;
        this.terminal = terminal;
    }

    /**
     * How it ended.
     *
     * @param result of a completed experiment, else null
     * @param report of a completed experiment, if it was wanted, else null
     */
    record Outcome(ExperimentStatus status, ResultDocument result, ReportDocument report) {
        /** The exit status that this stands for. */
        int exitStatus() {
            return switch (status.phase()) {
                case COMPLETED -> result.passed() ? ExitStatus.OK : ExitStatus.DIFFERENT;
                case FAILED, CANCELLED -> ExitStatus.FAILED;
                default -> ExitStatus.INTERRUPTED;
            };
        }
    }

    /**
     * Begins an experiment.
     *
     * @param anew whether the same may be there already, not at its end
     * @throws BadInput if it is and may not be
     */
    Outcome run(ExperimentSource source, Execution execution, boolean anew) {
        String spec = source.load().digest();
        try (Interruption interruption = new Interruption(); Fleet fleet = Fleet.embedded(data)) {
            Experiments experiments = fleet.experiments();
            if (!anew) {
                requireNew(experiments, spec);
            }
            ExperimentStatus submitted = Watch.get(experiments.submit(new Submission(null, source, execution)));
            return follow(experiments, submitted.id(), interruption);
        }
    }

    private void requireNew(Experiments experiments, String spec) {
        List<ExperimentSummary> all = Watch.get(experiments.list());
        for (ExperimentSummary each : all) {
            if (each.phase().isOver()) {
                continue;
            }
            ExperimentStatus status = Watch.get(experiments.get(each.id()));
            if (!status.phase().isOver() && status.spec().equals(spec) && status.origin().isEmpty()) {
                throw new BadInput("experiment " + each.id() + " in " + data + " is the same and " + (status.phase() == ExperimentPhase.PAUSED
                        ? "is paused" : "was interrupted") + "; go on with it: foliofleet resume " + each.id() + " --data " + data
                        + "; or begin anew: --new");
            }
        }
    }

    /**
     * Goes on with one.
     *
     * @param execution how, as far as it is to be otherwise than before
     */
    Outcome resume(String id, ExecutionOptions execution) {
        try (Interruption interruption = new Interruption(); Fleet fleet = Fleet.existing(data)) {
            Experiments experiments = fleet.experiments();
            ExperimentStatus before = Watch.get(experiments.get(id));
            Watch.get(experiments.resume(id, execution.any() ? execution.over(before.execution()) : null));
            return follow(experiments, id, interruption);
        }
    }

    /**
     * Runs a new experiment from a branch point of one.
     *
     * @param newId of the new one, or null
     */
    Outcome branch(String id, long epoch, Map<String, String> switches, String newId) {
        try (Interruption interruption = new Interruption(); Fleet fleet = Fleet.existing(data)) {
            ExperimentStatus branch = Watch.get(fleet.experiments().branch(id, epoch, switches, newId));
            return follow(fleet.experiments(), branch.id(), interruption);
        }
    }

    private Outcome follow(Experiments experiments, String id, Interruption interruption) {
        Watch watch = new Watch(experiments, err, terminal, interruption.wanted());
        ExperimentStatus status = watch.follow(id);
        if (status.phase() != ExperimentPhase.PAUSED && !status.phase().isOver()) {
            say((terminal ? "\r\033[K" : "") + "pausing " + id + " at a committed epoch");
            Watch.get(experiments.pause(id, "Ctrl-C"));
            status = watch.untilRest(id);
        }
        if (status.phase() == ExperimentPhase.PAUSED) {
            say(id + " is paused" + (status.epoch() >= 0 ? " at epoch " + status.epoch() : "") + "; go on with: foliofleet resume " + id
                    + " --data " + data);
        }
        boolean completed = status.phase() == ExperimentPhase.COMPLETED;
        return new Outcome(status, completed ? Watch.get(experiments.result(id)) : null, completed && reports ? Watch.get(experiments.report(id)) : null);
    }

    private void say(String line) {
        err.println(line);
        err.flush();
    }
}
