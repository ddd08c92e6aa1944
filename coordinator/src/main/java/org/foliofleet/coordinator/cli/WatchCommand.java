package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet watch ID}: follows an experiment. */
@Command(name = "watch", description = "Follows an experiment until it is over or paused, and prints its summary when it is completed. Ctrl-C ends"
        + " the watching only.")
final class WatchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "ID", description = "The experiment, as foliofleet list names it.")
    private String id;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the summary for programs into a file.")
    private Path json;

    @Mixin
    private WhereOptions where;

    @Override
    public Integer call() throws IOException {
        try (WhereOptions.Place place = where.open()) {
            return watch(place, id, json, spec.commandLine());
        }
    }

    /** @return exit status */
    static int watch(WhereOptions.Place place, String id, Path json, CommandLine command) throws IOException {
        PrintWriter err = command.getErr();
        Watch watch = new Watch(place.experiments(), err, System.console() != null, new CompletableFuture<>());
        ExperimentStatus status = watch.follow(id);
        if (status.phase() == ExperimentPhase.COMPLETED) {
            return ResultPrinter.print(Watch.get(place.experiments().result(id)), json, command.getOut());
        }
        if (status.phase() == ExperimentPhase.PAUSED) {
            command.getOut().println(id + " is paused" + (status.epoch() >= 0 ? " at epoch " + status.epoch() : "")
                    + (status.reason().isEmpty() ? "" : " (" + status.reason() + ")") + "; go on with: foliofleet resume " + id + place.option());
            command.getOut().flush();
            return ExitStatus.OK;
        }
        ResultPrinter.explain(status, err);
        return ExitStatus.FAILED;
    }
}
