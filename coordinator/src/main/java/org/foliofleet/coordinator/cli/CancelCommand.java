package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet cancel ID}. */
@Command(name = "cancel", description = "Ends an experiment without a result. It can not be resumed, but branched from.")
final class CancelCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "ID", description = "The experiment, as foliofleet list names it.")
    private String id;

    @Option(names = "--reason", paramLabel = "TEXT", description = "For those who ask later.", defaultValue = "")
    private String reason;

    @Mixin
    private WhereOptions where;

    @Override
    public Integer call() {
        try (WhereOptions.Place place = where.open()) {
            Watch.get(place.experiments().cancel(id, reason));
            PrintWriter out = spec.commandLine().getOut();
            out.println(id + " is cancelled");
            out.flush();
            return ExitStatus.OK;
        }
    }
}
