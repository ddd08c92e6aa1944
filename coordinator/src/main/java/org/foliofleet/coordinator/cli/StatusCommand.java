package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet status ID}. */
@Command(name = "status", description = "Says how an experiment is: its state and why, its machines, how far they are, what went wrong.")
final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "ID", description = "The experiment, as foliofleet list names it.")
    private String id;

    @Mixin
    private WhereOptions where;

    @Override
    public Integer call() {
        try (WhereOptions.Place place = where.open()) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(StatusText.of(Watch.get(place.experiments().get(id))));
            out.flush();
            return ExitStatus.OK;
        }
    }
}
