package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.report.ExplanationJson;
import org.foliofleet.coordinator.report.ExplanationText;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet explain NAME|FILE.yaml}. */
@Command(name = "explain", description = "Shows an experiment as it will be run: machine classes with all that they take over from others,"
        + " settings and switches that depart from the kernel, programs with what they draw, and about how large it becomes.")
final class ExplainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "NAME|FILE.yaml", description = "A bundled experiment or the file of one.")
    private String experiment;

    @Option(names = "--seed", paramLabel = "N", description = "With this seed instead of the file's.")
    private Long seed;

    @Option(names = "--switch", paramLabel = "NAME=VALUE", description = "With this switch in all machine classes. Can be given several times.")
    private Map<String, String> switches = new TreeMap<>();

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Mixin
    private ParameterOptions parameters;

    @Override
    public Integer call() {
        ExperimentSpec resolved = parameters.over(ExperimentSource.of(experiment)).withSeed(seed).withSwitches(switches).load();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? ExplanationJson.of(resolved) : ExplanationText.of(resolved));
        out.flush();
        return ExitStatus.OK;
    }
}
