package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet resume ID}. */
@Command(name = "resume", description = "Goes on with an experiment that is paused, from its last committed epoch: with --data in this JVM and to its end,"
        + " as foliofleet run does; else in the cluster. It may be hosted and placed otherwise than before.")
final class ResumeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "ID", description = "The experiment, as foliofleet list names it.")
    private String id;

    @Option(names = "--json", paramLabel = "FILE", description = "With --data: write the summary for programs into a file.")
    private Path json;

    @Mixin
    private ExecutionOptions execution;

    @Mixin
    private WhereOptions where;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (where.data() != null) {
            return ResultPrinter.print(new EmbeddedSession(where.data(), err, System.console() != null).resume(id, execution), json, out, err);
        }
        try (WhereOptions.Place place = where.open()) {
            ExperimentStatus before = Watch.get(place.experiments().get(id));
            Watch.get(place.experiments().resume(id, execution.any() ? execution.over(before.execution()) : null));
            out.println(id + " goes on; foliofleet watch " + id + place.option() + " shows how far it is");
            out.flush();
            return ExitStatus.OK;
        }
    }
}
