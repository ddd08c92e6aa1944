package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.ExperimentSummary;
import org.foliofleet.coordinator.experiment.Experiments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code foliofleet list}. */
@Command(name = "list", description = "Lists all experiments of a cluster or a directory, in the order in which they were submitted.")
final class ListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WhereOptions where;

    @Override
    public Integer call() {
        try (WhereOptions.Place place = where.open()) {
            PrintWriter out = spec.commandLine().getOut();
            List<ExperimentSummary> known = Watch.get(place.experiments().list()).stream()
                    .map(each -> each.status() == null && !each.phase().isOver() ? latest(place.experiments(), each) : each).toList();
            out.print(StatusText.of(known));
            out.flush();
            return ExitStatus.OK;
        }
    }

    /** The list has not heard of it since its coordinator began. */
    private static ExperimentSummary latest(Experiments experiments, ExperimentSummary each) {
        ExperimentStatus status = Watch.get(experiments.get(each.id()));
        return new ExperimentSummary(each.id(), each.name(), status.phase(), status.reason(), each.submittedMillis(), status.changedMillis(), status);
    }
}
