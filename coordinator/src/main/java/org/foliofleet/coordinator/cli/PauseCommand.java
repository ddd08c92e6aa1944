package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet pause ID}. */
@Command(name = "pause", description = "Brings all machines of an experiment to rest at committed epochs, and waits for that.")
final class PauseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "ID", description = "The experiment, as foliofleet list names it.")
    private String id;

    @Option(names = "--reason", paramLabel = "TEXT", description = "For those who ask later.", defaultValue = "")
    private String reason;

    @Option(names = "--no-wait", description = "Do not wait until all machines rest.")
    private boolean noWait;

    @Mixin
    private WhereOptions where;

    @Override
    public Integer call() {
        try (WhereOptions.Place place = where.open()) {
            PrintWriter out = spec.commandLine().getOut();
            ExperimentStatus status = Watch.get(place.experiments().pause(id, reason));
            if (!noWait) {
                status = new Watch(place.experiments(), spec.commandLine().getErr(), System.console() != null, new CompletableFuture<>()).untilRest(id);
            }
            out.println(status.phase() == ExperimentPhase.PAUSED
                    ? id + " is paused" + (status.epoch() >= 0 ? " at epoch " + status.epoch() : "") + "; go on with: foliofleet resume " + id + place.option()
                    : status.phase().isOver() ? id + " is " + status.phase().word() + ": it came to its end first" : id + " is pausing");
            out.flush();
            return ExitStatus.OK;
        }
    }
}
