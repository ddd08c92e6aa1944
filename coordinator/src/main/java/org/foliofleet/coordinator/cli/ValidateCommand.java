package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.report.ExplanationText;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet validate FILE…}. */
@Command(name = "validate", description = "Checks experiment files without running them: all mistakes of all files at once, each with"
        + " its line, column and remedy (exit status 2), or ok and how large each experiment is.")
final class ValidateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE.yaml", description = "Experiment files, or names of bundled experiments.")
    private List<String> files;

    @Mixin
    private ParameterOptions parameters;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<String> mistakes = new ArrayList<>();
        for (String file : files) {
            try {
                ExperimentSize size = ExperimentSize.of(parameters.over(ExperimentSource.of(file)).load());
                out.println(file + ": ok; " + ExplanationText.line(size));
            } catch (BadInput e) {
                mistakes.add(e.getMessage());
            }
        }
        out.flush();
        if (!mistakes.isEmpty()) {
            throw new BadInput(String.join("\n", mistakes));
        }
        return ExitStatus.OK;
    }
}
