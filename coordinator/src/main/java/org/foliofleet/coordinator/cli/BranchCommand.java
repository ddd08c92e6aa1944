package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet branch ID --epoch N --switch NAME=VALUE}. */
@Command(name = "branch", description = "Begins a new experiment where another one was at a branch point, with other switches. With --data it is run in"
        + " this JVM to its end, as foliofleet run does; else in the cluster.")
final class BranchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "ID", description = "The experiment to branch from, as foliofleet list names it.")
    private String id;

    @Option(names = "--epoch", required = true, paramLabel = "N", description = "A branch point that all its machines have reached: a multiple of"
            + " its branch_points.")
    private long epoch;

    @Option(names = "--switch", paramLabel = "NAME=VALUE", description = "Set a switch in all machine classes; may be repeated.")
    private Map<String, String> switches = new TreeMap<>();

    @Option(names = "--id", paramLabel = "ID", description = "What the new one shall be called (default: its name and a number).")
    private String newId;

    @Option(names = "--json", paramLabel = "FILE", description = "With --data: write the summary for programs into a file.")
    private Path json;

    @Mixin
    private WhereOptions where;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (where.data() != null) {
            return ResultPrinter.print(new EmbeddedSession(where.data(), err, System.console() != null).branch(id, epoch, switches, newId), json, out, err);
        }
        try (WhereOptions.Place place = where.open()) {
            ExperimentStatus status = Watch.get(place.experiments().branch(id, epoch, switches, newId));
            out.println("submitted " + status.id() + ", from epoch " + epoch + " of " + id + "; foliofleet watch " + status.id() + place.option()
                    + " shows how far it is");
            out.flush();
            return ExitStatus.OK;
        }
    }
}
