package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.foliofleet.protocol.experiment.ExperimentSchema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code foliofleet schema}. */
@Command(name = "schema", description = "Prints the JSON Schema of experiment files, by which editors complete and check them."
        + " A coordinator serves it at /api/v1/schema.")
final class SchemaCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(ExperimentSchema.json());
        out.flush();
        return ExitStatus.OK;
    }
}
